using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Mail;
using Postern.Transport.Selection;

namespace Postern.Transport.Tests.Selection;

/// <summary>Fact sheet 7.5, step by step.</summary>
public sealed class ConnectorCertificateSelectionTests
{
    private const string Host = "mail.example.com";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly ConnectorCertificateSelection _selection = new("edge1.example.com", TimeProvider.System);

    [Fact]
    public void Newest_valid_certificate_of_an_authority_wins()
    {
        SelectionCandidate older = Issued(Host, age: 50);
        SelectionCandidate newer = Issued(Host, age: 20);
        SelectionCandidate newestBroken = Issued(Host, age: 1) with { Examination = Worth(CertificateStatus.Untrusted, "no issuer") };
        SelectionCandidate own = SelfSigned(Host, age: 0);

        CertificateSelection found = _selection.Explain(CertificateWanted.For(Host), [own, older, newestBroken, newer]);

        Assert.Equal((SelectionOutcome.Chosen, newer), (found.Outcome, found.Chosen));
        Assert.Equal(
            [(own, "is self-signed"), (newestBroken, "is untrusted: no issuer")],
            found.Rejected.Where(one => one.Candidate != older).Select(one => (one.Candidate, one.Reason)).OrderBy(one => one.Reason.Length));
        Assert.Contains(found.Rejected, one => one.Candidate == older && one.Reason.StartsWith("is good from", StringComparison.Ordinal));
        Assert.Equal("the name is mail.example.com", found.Steps[0]);
        Assert.Equal("4 of 4 certificates have the name", found.Steps[1]);
    }

    [Fact]
    public void Without_one_of_an_authority_the_newest_self_signed_one_is_shown()
    {
        SelectionCandidate newer = SelfSigned(Host, age: 5);

        CertificateSelection found = _selection.Explain(CertificateWanted.For(Host), [SelfSigned(Host, age: 9), newer, SelfSigned(Host, age: 400, life: 398)]);

        Assert.Equal((SelectionOutcome.Chosen, newer), (found.Outcome, found.Chosen));
    }

    [Fact]
    public void Expired_one_is_shown_and_said()
    {
        SelectionCandidate only = Issued(Host, age: 400, life: 390) with { Examination = Worth(CertificateStatus.Expired, "expired") };

        CertificateSelection found = _selection.Explain(CertificateWanted.For(Host), [only]);

        Assert.Equal((SelectionOutcome.Expired, only), (found.Outcome, found.Chosen));
        Assert.Contains("event 12016", found.Steps[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_not_serve_is_named_with_what_mends_it()
    {
        SelectionCandidate good = Issued(Host, age: 1);
        SelectionCandidate[] candidates = [good with { HasPrivateKey = false }, good with { Services = MailServices.Imap }, Issued("other.example", age: 1)];

        CertificateSelection found = _selection.Explain(CertificateWanted.For(Host), candidates);

        Assert.Equal((SelectionOutcome.NoneFound, null), (found.Outcome, found.Chosen));
        Assert.Equal(
            ["has not the name mail.example.com, but other.example", "its private key is not on this node", $"is not bound to smtp: `postern certificate enable {good.Thumbprint} --services smtp`"],
            found.Rejected.Select(one => one.Reason));
        Assert.Contains("event 12014", found.Steps[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Connector_without_a_name_takes_that_of_the_server()
    {
        SelectionCandidate server = Issued("edge1.example.com", age: 1);

        CertificateSelection found = _selection.Explain(CertificateWanted.Of(new ReceiveConnector("Front")), [Issued(Host, age: 0), server]);

        Assert.Equal(server, found.Chosen);
        Assert.Equal("connector 'Front' has no name: that of the server counts, edge1.example.com", found.Steps[0]);
        Assert.Equal(Issued(Host, age: 1).Certificate.Subject, _selection.Explain(CertificateWanted.Of(new SendConnector("Out") { Fqdn = Host }), [Issued(Host, age: 1)]).Chosen?.Certificate.Subject);
        Assert.NotNull(_selection.Explain(CertificateWanted.For(Host), [Issued("*.example.com", age: 1)]).Chosen);
    }

    [Fact]
    public void Connector_without_TLS_shows_nothing()
    {
        Assert.Equal(SelectionOutcome.NoTls, _selection.Explain(CertificateWanted.Of(new ReceiveConnector("Front") { OfferTls = false }), [Issued(Host, age: 1)]).Outcome);
        Assert.Equal(SelectionOutcome.NoTls, _selection.Explain(CertificateWanted.Of(new SendConnector("Out") { IgnoreStartTls = true }), [Issued(Host, age: 1)]).Outcome);
    }

    [Fact]
    public void Issuer_and_subject_decide_where_a_connector_names_them()
    {
        SelectionCandidate wanted = Issued("partner.example", age: 9);
        foreach (string text in (string[])[$"<I>{wanted.Certificate.Issuer}<S>{wanted.Certificate.Subject}", $"<i>{wanted.Certificate.Issuer.Replace(", ", ",", StringComparison.Ordinal)}<s>cn=Partner.example"])
        {
            Assert.True(TlsCertificateName.TryParse(text, out TlsCertificateName? name, out _));
            CertificateSelection found = _selection.Explain(CertificateWanted.Of(new ReceiveConnector("Partner") { TlsCertificateName = name }), [Issued("edge1.example.com", age: 1), wanted]);

            Assert.Equal(wanted, found.Chosen);
        }

        Assert.True(TlsCertificateName.TryParse("<I>CN=Gone<S>CN=partner.example", out TlsCertificateName? gone, out _));
        CertificateSelection none = _selection.Explain(CertificateWanted.Of(new ReceiveConnector("Partner") { TlsCertificateName = gone }), [wanted]);
        Assert.Equal((SelectionOutcome.NoneFound, "<I>CN=Gone<S>CN=partner.example"), (none.Outcome, none.Wanted));
    }

    private static SelectionCandidate Issued(string host, int age, int life = 365)
    {
        using ECDsa authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new SelectionCandidate(
            Request(host).Create(new X500DistinguishedName("O=Example, CN=Authority"), X509SignatureGenerator.CreateForECDsa(authority), Now.AddDays(-age), Now.AddDays(life - age), [1, (byte)age]),
            true, MailServices.Smtp, Worth(CertificateStatus.Valid, null));
    }

    private static SelectionCandidate SelfSigned(string host, int age, int life = 365) =>
        new(Request(host).CreateSelfSigned(Now.AddDays(-age), Now.AddDays(life - age)), true, MailServices.Smtp, Worth(CertificateStatus.Untrusted, "the certificate is self-signed"));

    private static CertificateRequest Request(string host)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        CertificateRequest request = new($"CN={host}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static CertificateExamination Worth(CertificateStatus status, string? reason) => new(status, reason, [], [], RootCaType.Unknown, []);
}
