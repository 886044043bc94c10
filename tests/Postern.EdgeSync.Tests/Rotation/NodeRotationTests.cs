using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.EdgeSync.Rotation;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

public sealed class NodeRotationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Certs _authority = Certs.Create();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private NodeRotation Open(KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) => new(
        new NodeCertificates(new CertificateStore(_folder["keys"]), "edge-cert", _time), "edge1.example.com", algorithm, new CertificateTimetable(), _time, NullLogger.Instance);

    [Fact]
    public void Certificate_gets_a_successor_after_two_thirds_of_its_life()
    {
        NodeRotation node = Open();
        X509Certificate2 first = node.Ensure();
        Assert.Equal(NodeStep.None, node.NextStep(isAcknowledged: true, isPreviousFree: true));
        _time.Advance(TimeSpan.FromDays(243));
        Assert.Equal(NodeStep.None, node.NextStep(true, true));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(NodeStep.Announce, node.NextStep(true, true));
        node.Take(NodeStep.Announce);
        Assert.Equal(CertificateKeys.Describe(first), CertificateKeys.Describe(node.Certificates.Next!));
        Assert.Equal("CN=edge1", node.Certificates.Next!.Subject);
    }

    [Fact]
    public void Life_of_a_certificate_step_by_step_over_restarts()
    {
        Open().Ensure();
        Open().Renew(kind: null);
        Assert.Equal(NodeStep.None, Open().NextStep(isAcknowledged: false, isPreviousFree: true));
        Assert.Equal(NodeStep.Switch, Open().NextStep(isAcknowledged: true, isPreviousFree: true));
        Open().Take(NodeStep.Switch);
        Assert.Equal(NodeStep.None, Open().NextStep(true, true));
        _time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(NodeStep.None, Open().NextStep(true, isPreviousFree: false));
        Open().Renew(kind: null);
        Assert.Equal(NodeStep.None, Open().NextStep(isAcknowledged: true, isPreviousFree: false)); // its key would go
        Open().Certificates.DropNext();
        Assert.Equal(NodeStep.DropPrevious, Open().NextStep(true, true));
        Open().Take(NodeStep.DropPrevious);
        NodeRotation last = Open();
        Assert.Equal(NodeStep.None, last.NextStep(true, true));
        Assert.Single(last.Certificates.All);
    }

    [Fact]
    public void Expired_certificate_goes_on_until_its_successor_is_trusted()
    {
        NodeRotation node = Open();
        X509Certificate2 first = node.Ensure();
        _time.Advance(TimeSpan.FromDays(400));
        node.Take(node.NextStep(false, true));
        _time.Advance(TimeSpan.FromDays(4000));
        Assert.Equal(NodeStep.None, node.NextStep(isAcknowledged: false, isPreviousFree: true));
        Assert.Same(first, node.Certificates.Current);
    }

    [Fact]
    public void Another_kind_of_key_follows_and_stays()
    {
        NodeRotation node = Open(KeyAlgorithm.Rsa2048);
        Assert.Equal("RSA 2048", CertificateKeys.Describe(node.Ensure()));
        node.Renew(KeyAlgorithm.EcdsaP384);
        node.Take(NodeStep.Switch);
        Assert.Equal("EC P-384", CertificateKeys.Describe(node.Certificates.Current!));
        node.Renew(kind: null);
        Assert.Equal("EC P-384", CertificateKeys.Describe(node.Certificates.Next!));
    }

    [Fact]
    public void Certificate_of_an_authority_follows_and_is_not_renewed_unasked()
    {
        NodeRotation node = Open();
        node.Ensure();
        using X509Certificate2 issued = Issue("edge1.example.com");
        node.Renew(issued);
        node.Take(NodeStep.Switch);
        Assert.Equal(issued.RawData, node.Certificates.Current!.RawData);
        Assert.False(CertificateKeys.IsSelfIssued(issued));
        Assert.Equal(NodeStep.None, node.NextStep(true, isPreviousFree: false));
        Assert.False(node.IsDue(issued, CertificateDates.NotAfter(issued) + TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Certificates_that_cannot_be_used_are_refused_with_the_reason()
    {
        NodeRotation node = Open();
        node.Ensure();
        using X509Certificate2 issued = Issue("edge1.example.com");
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(issued.RawData);
        Assert.Contains("without its key", Assert.Throws<CertificateException>(() => node.Renew(bare)).Message, StringComparison.Ordinal);
        node.Renew(issued);
        node.Take(NodeStep.Switch);
        Assert.Contains("already", Assert.Throws<CertificateException>(() => node.Renew(issued)).Message, StringComparison.Ordinal);
        _time.AdvanceTo(CertificateDates.NotAfter(issued));
        using X509Certificate2 other = Open().Ensure();
        Assert.Contains("expired", Assert.Throws<CertificateException>(() => node.Renew(issued)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Revoked_certificate_is_gone_with_all_the_others()
    {
        NodeRotation node = Open();
        string old = CertificatePin.Of(node.Ensure()).ToString();
        node.Renew(kind: null);
        X509Certificate2 current = node.Revoke(given: null);
        Assert.NotEqual(old, CertificatePin.Of(current).ToString());
        Assert.Single(Open().Certificates.All);
    }

    /// <summary>Dates of the authority are those of the real clock: the test's goes there.</summary>
    private X509Certificate2 Issue(string name)
    {
        X509Certificate2 issued = _authority.IssueServer(name);
        if (_time.GetUtcNow() < CertificateDates.NotBefore(issued))
        {
            _time.AdvanceTo(CertificateDates.NotBefore(issued).AddMinutes(1));
        }

        return issued;
    }
}
