using System.Text;
using Postern.EdgeSync.Subscriptions;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Subscriptions;

public sealed class SubscriptionFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void File_comes_back_as_it_was_written()
    {
        SubscriptionFile file = Sample();
        file.Write(_folder["edge.xml"], force: false);
        SubscriptionFile read = SubscriptionFile.Read(_folder["edge.xml"]);
        Assert.Equal(file.ToBytes(), read.ToBytes());
        Assert.Equal(file.Duration, read.Duration);
        Assert.Equal(file.EffectiveDate, read.EffectiveDate);
        Assert.Equal(file.AddressHashKey.ToBytes(), read.AddressHashKey.ToBytes());
    }

    [Fact]
    public void File_has_the_field_names_of_fact_sheet_2_3()
    {
        string text = Encoding.UTF8.GetString(Sample().ToBytes());
        foreach (string field in (string[])["EdgeServerName", "EdgeServerFQDN", "EdgeCertificateBlob", "ESRAUsername", "ESRAPassword", "EffectiveDate", "Duration", "AdamSslPort", "ProductID", "VersionNumber", "SerialNumber"])
        {
            Assert.Contains($"<{field}>", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void File_is_for_its_owner_only_and_not_overwritten_without_force()
    {
        string path = _folder["edge.xml"];
        Sample().Write(path, force: false);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        SubscriptionFileException e = Assert.Throws<SubscriptionFileException>(() => Sample().Write(path, force: false));
        Assert.Contains("--force", e.Hint, StringComparison.Ordinal);
        Sample().Write(path, force: true);
    }

    [Fact]
    public void Secrets_are_not_printed()
    {
        SubscriptionFile file = Sample();
        Assert.DoesNotContain(file.EsraPassword, file.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] whole = Sample().ToBytes();

        // The last octets are white space and the end of the last tag; anything shorter than the closing tag is not whole.
        int end = Encoding.UTF8.GetString(whole).LastIndexOf('>');
        for (int length = 0; length <= end; length++)
        {
            Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(whole.AsMemory(0, length), "edge.xml"));
        }
    }

    [Theory]
    [InlineData("<EdgeServerName>EDGE1", "<EdgeServerName>../x", "EdgeServerName", 4)]
    [InlineData("<AdamSslPort>50636", "<AdamSslPort>70000", "AdamSslPort", 11)]
    [InlineData("<Duration>1.00:00:00", "<Duration>24:00:00", "Duration", 10)]
    [InlineData("<EdgeCertificateBlob>", "<EdgeCertificateBlob>AAAA", "EdgeCertificateBlob", 6)]
    [InlineData("<AddressHashKey>", "<AddressHashKey>%", "AddressHashKey", 15)]
    [InlineData("<ESRAUsername>ESRA.EDGE1", "<ESRAUsername>ESRA.EDGE2", "ESRAUsername", 7)]
    [InlineData("<SerialNumber>", "<Serial>1</Serial><SerialNumber>", "Serial", 14)]
    public void Damage_is_named_with_its_line(string old, string changed, string field, int line)
    {
        string text = Encoding.UTF8.GetString(Sample().ToBytes()).Replace(old, changed, StringComparison.Ordinal);
        SubscriptionFileException e = Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(Encoding.UTF8.GetBytes(text), "edge.xml"));
        Assert.Contains(field, e.Message, StringComparison.Ordinal);
        Assert.Equal(line, e.Line);
    }

    [Fact]
    public void Replaced_objects_come_back_and_are_bounded()
    {
        string[] most = [.. Enumerable.Range(0, SubscriptionFile.MaxReplacedObjects).Select(i => $"send connector {i} & <more>"), "and 3 more"];
        SubscriptionFile file = Sample() with { ReplacedObjects = most };
        Assert.Equal(most, SubscriptionFile.Parse(file.ToBytes(), "edge.xml").ReplacedObjects);
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse((file with { ReplacedObjects = [.. most, "x"] }).ToBytes(), "edge.xml"));
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse((file with { ReplacedObjects = [""] }).ToBytes(), "edge.xml"));
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse((file with { ReplacedObjects = ["a\tb"] }).ToBytes(), "edge.xml"));
    }

    [Fact]
    public void Newer_version_is_refused_before_what_it_brings()
    {
        string text = "<EdgeSubscription><FormatVersion>2</FormatVersion><Novelty/></EdgeSubscription>";
        SubscriptionFileException e = Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(Encoding.UTF8.GetBytes(text), "edge.xml"));
        Assert.Contains("version 2 is newer", e.Message, StringComparison.Ordinal);
        Assert.Contains("Upgrade", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_entities_and_oversize_are_refused()
    {
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(new byte[] { 0, 1, 2, 255 }, "edge.xml"));
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(Encoding.UTF8.GetBytes("<!DOCTYPE a [<!ENTITY b 'c'>]><EdgeSubscription>&b;</EdgeSubscription>"), "edge.xml"));
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(new byte[SubscriptionFile.MaxBytes + 1], "edge.xml"));
        File.WriteAllBytes(_folder["big.xml"], new byte[SubscriptionFile.MaxBytes + 1]);
        Assert.Contains("at most", Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Read(_folder["big.xml"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_file_is_named() =>
        Assert.Contains("no such file", Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Read(_folder["none.xml"])).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private static SubscriptionFile Sample() => SampleSubscription.File();
}
