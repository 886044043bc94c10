namespace Postern.Certificates.Tests.Status;

/// <summary>What ends on a node, and when that is too near.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private static readonly DateTimeOffset Now = TestAuthority.Now;

    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData("60d", 3650, 60)]
    [InlineData("60", 10, 60)]
    [InlineData("25%", 100, 25)]
    [InlineData("12.5%", 80, 10)]
    [InlineData("0d", 100, 0)]
    public void Threshold_is_days_or_a_part_of_the_life(string text, int life, int days)
    {
        Assert.True(ExpiryThreshold.TryParse(text, out ExpiryThreshold threshold));
        Assert.Equal(days, threshold.Of(TimeSpan.FromDays(life)).TotalDays);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("3661d")]
    [InlineData("0%")]
    [InlineData("100%")]
    [InlineData("a month")]
    public void What_is_no_threshold_is_refused(string text) => Assert.False(ExpiryThreshold.TryParse(text, out _));

    [Theory]
    [InlineData(1825, 61, WatchLevel.Ok)]
    [InlineData(1825, 59, WatchLevel.Warning)]
    [InlineData(1825, 29, WatchLevel.Critical)]
    [InlineData(1825, -1, WatchLevel.Critical)]
    [InlineData(90, 30, WatchLevel.Ok)]
    [InlineData(90, 22, WatchLevel.Warning)]
    [InlineData(90, 11, WatchLevel.Critical)]
    public void Default_thresholds_are_60_and_30_days_and_less_for_short_lives(int life, int left, WatchLevel level) =>
        Assert.Equal(level, CertificateVerdict.Of(Watched(life, left, "smtp"), ExpiryThresholds.Default, Now).Level);

    [Fact]
    public void What_nothing_depends_on_is_never_critical()
    {
        Assert.Equal(WatchLevel.Warning, CertificateVerdict.Of(Watched(1825, -1), ExpiryThresholds.Default, Now).Level);
        WatchedCertificate list = Watched(7, 6) with { Kind = WatchedKind.RevocationList };
        Assert.Equal(WatchLevel.Ok, CertificateVerdict.Of(list, ExpiryThresholds.Default, Now).Level);
        Assert.Equal(WatchLevel.Warning, CertificateVerdict.Of(list, ExpiryThresholds.Default, Now.AddDays(7)).Level);
        Assert.Equal(WatchLevel.Ok, CertificateVerdict.Of(Watched(1825, 100, "smtp") with { Status = CertificateStatus.Untrusted, IsSelfSigned = true }, ExpiryThresholds.Default, Now).Level);
        Assert.Equal(WatchLevel.Warning, CertificateVerdict.Of(Watched(1825, 100, "smtp") with { Status = CertificateStatus.Untrusted }, ExpiryThresholds.Default, Now).Level);
        Assert.Equal(WatchLevel.Critical, CertificateVerdict.Of(Watched(1825, 100, "smtp") with { Status = CertificateStatus.Revoked, Reason = "revoked" }, ExpiryThresholds.Default, Now).Level);
    }

    [Fact]
    public void Inventory_has_store_trust_and_what_is_damaged()
    {
        TestAuthority root = TestAuthority.Root();
        TestAuthority below = root.Below("Issuing", end: Now.AddDays(3));
        LocalCertificateStore store = new(_folder["certificates"], new FixedTime(Now));
        store.Add(new CertificateBundle(below.Issue("mail.example.com"), [below.Certificate]), new CertificateMetadata { Services = MailServices.Smtp });
        string trust = _folder["trust"];
        Directory.CreateDirectory(Path.Combine(trust, "roots"));
        Directory.CreateDirectory(Path.Combine(trust, "crls"));
        File.WriteAllText(Path.Combine(trust, "roots", "root.pem"), root.Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(trust, "roots", "broken"), "nothing");
        File.WriteAllBytes(Path.Combine(trust, "crls", "root.crl"), root.Revoke(Now.AddDays(-1)));

        CertificateReport report = new CertificateInventory(store, trust, [], new FixedTime(Now)).Take();

        Assert.Equal([WatchedKind.Fault, WatchedKind.Issuer, WatchedKind.RevocationList, WatchedKind.Service], report.Certificates.Select(one => one.Kind).OrderBy(one => one.ToString()));
        WatchedCertificate mail = Assert.Single(report.Certificates, one => one.Kind == WatchedKind.Service);

        // The issuer that is sent with it ends first.
        Assert.Equal(new DateTimeOffset(below.Certificate.NotAfter.ToUniversalTime()), mail.EndsUtc);
        Assert.Equal(["smtp"], mail.Services);
        Assert.Equal(WatchLevel.Critical, CertificateVerdict.Of(mail, ExpiryThresholds.Default, Now).Level);
        CertificateReport? read = CertificateReport.TryRead(report.Write());
        Assert.Equal(report.Certificates.Select(one => one.ToString()?.Split("Services")[0]), read!.Certificates.Select(one => one.ToString()?.Split("Services")[0]));
    }

    [Fact]
    public void Report_of_others_is_read_within_limits()
    {
        CertificateReport report = new(CertificateReport.CurrentVersion, Now, [.. Enumerable.Repeat(Watched(10, 5), CertificateReport.MaxCertificates)], 0);
        Assert.NotNull(CertificateReport.TryRead(report.Write()));
        Assert.Null(CertificateReport.TryRead((report with { Certificates = [.. report.Certificates, Watched(10, 5)] }).Write()));
        Assert.Null(CertificateReport.TryRead((report with { Version = 2 }).Write()));
        Assert.Null(CertificateReport.TryRead(new byte[CertificateReport.MaxOctets + 1]));
        foreach (string text in (string[])["", "{", "[]", "null", "{}", "{\"version\":1,\"certificates\":[null]}", "{\"version\":1,\"takenUtc\":\"2026-01-01T00:00:00Z\",\"certificates\":[{\"kind\":\"other\"}],\"left\":0}"])
        {
            Assert.Null(CertificateReport.TryRead(System.Text.Encoding.UTF8.GetBytes(text)));
        }
    }

    public void Dispose() => _folder.Dispose();

    private static WatchedCertificate Watched(int life, int left, params string[] services) => new(
        WatchedKind.Service, "CN=mail.example.com", "AA", "bb", "CN=CA", services, Now.AddDays(left - life), Now.AddDays(left), CertificateStatus.Valid, null);
}
