using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Client.Tests.Scripted;
using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Connecting;

public sealed class TrustTests : IDisposable
{
    private readonly Certs _certs = Certs.Create();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _certs.Dispose();
        _folder.Dispose();
    }

    private LdapTrust CaFile => new LdapTrust.CaFile(_folder.Write("ca.pem", _certs.AuthorityPem));

    [Fact]
    public async Task Pinned_certificate_is_believed_whatever_its_names_dates_and_issuer()
    {
        using X509Certificate2 expired = Expired("CN=somebody else");
        await using ScriptedPeer peer = ScriptedPeer.Tls(expired, AnswerWhoAmIAsync);

        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Trust = new LdapTrust.Pin(Sha256(expired)) });

        Assert.Equal("dn:cn=a", await connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Wrong_pin_shows_both_fingerprints()
    {
        using X509Certificate2 server = _certs.IssueServer();
        using X509Certificate2 other = _certs.IssueServer();
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, session => session.UntilClosedAsync());

        LdapConnectionException failure = await ConnectTests.FailsAsync(peer.Options with { Trust = new LdapTrust.Pin(Sha256(other)) });

        Assert.Equal(LdapFailureKind.PinMismatch, failure.Kind);
        Assert.Contains("expected sha256:" + Convert.ToHexStringLower(Sha256(other)), failure.Message, StringComparison.Ordinal);
        Assert.Contains("found sha256:" + Convert.ToHexStringLower(Sha256(server)), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_pin_of_a_set_will_do_and_a_mismatch_names_them_all()
    {
        using X509Certificate2 current = _certs.IssueServer();
        using X509Certificate2 next = _certs.IssueServer();
        using X509Certificate2 stranger = _certs.IssueServer();
        LdapTrust both = new LdapTrust.Pin([Sha256(current), Sha256(next)]);
        foreach (X509Certificate2 server in (X509Certificate2[])[current, next])
        {
            await using ScriptedPeer peer = ScriptedPeer.Tls(server, AnswerWhoAmIAsync);
            await using LdapConnection connection = await peer.ConnectAsync(o => o with { Trust = both });
            Assert.Equal("dn:cn=a", await connection.WhoAmIAsync());
            Assert.Equal(server.Thumbprint, connection.ServerCertificate?.Thumbprint);
        }

        await using ScriptedPeer other = ScriptedPeer.Tls(stranger, session => session.UntilClosedAsync());
        LdapConnectionException failure = await ConnectTests.FailsAsync(other.Options with { Trust = both });
        Assert.Equal(LdapFailureKind.PinMismatch, failure.Kind);
        Assert.Contains(
            $"expected sha256:{Convert.ToHexStringLower(Sha256(current))} or sha256:{Convert.ToHexStringLower(Sha256(next))}, found", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pin_of_a_wrong_length_is_a_wrong_option()
    {
        using X509Certificate2 server = _certs.IssueServer();
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, session => session.UntilClosedAsync());

        await Assert.ThrowsAsync<ArgumentException>(() => peer.ConnectAsync(o => o with { Trust = new LdapTrust.Pin(new byte[20]) }));
        await Assert.ThrowsAsync<ArgumentException>(() => peer.ConnectAsync(o => o with { Trust = new LdapTrust.Pin([Sha256(server), new byte[33]]) }));
        await Assert.ThrowsAsync<ArgumentException>(() => peer.ConnectAsync(o => o with { Trust = new LdapTrust.Pin([]) }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public async Task Certificate_of_the_named_authority_is_believed_for_its_names(string? name)
    {
        using X509Certificate2 server = _certs.IssueServer();
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, AnswerWhoAmIAsync);

        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Trust = CaFile, TlsName = name });

        Assert.Equal("dn:cn=a", await connection.WhoAmIAsync());
        Assert.Equal(server.Thumbprint, connection.ServerCertificate?.Thumbprint);
    }

    [Fact]
    public async Task Certificate_for_another_name_is_not_believed()
    {
        using X509Certificate2 server = _certs.IssueServer("other.example.com");
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, session => session.UntilClosedAsync());

        LdapConnectionException failure = await ConnectTests.FailsAsync(peer.Options with { Trust = CaFile, TlsName = "directory.example.com" });

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
        Assert.Contains("'directory.example.com'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("other.example.com", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_of_another_authority_is_not_believed_and_the_reason_is_told()
    {
        using Certs strangers = Certs.Create("Strangers");
        using X509Certificate2 server = strangers.IssueServer();
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, session => session.UntilClosedAsync());

        LdapConnectionException failure = await ConnectTests.FailsAsync(peer.Options with { Trust = CaFile });

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
        Assert.Contains("issuer CN=Strangers", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ca.pem", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expired_certificate_is_not_believed_and_its_dates_are_told()
    {
        using X509Certificate2 expired = Expired("CN=localhost");
        string file = _folder.Write("self.pem", expired.ExportCertificatePem());
        await using ScriptedPeer peer = ScriptedPeer.Tls(expired, session => session.UntilClosedAsync());

        LdapConnectionException failure = await ConnectTests.FailsAsync(peer.Options with { Trust = new LdapTrust.CaFile(file), TlsName = "localhost" });

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
        Assert.Contains("NotTimeValid", failure.Message, StringComparison.Ordinal);
        Assert.Contains("clock", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no certificate here")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task Unusable_CA_file_is_named(string? content)
    {
        string file = content is null ? _folder["missing.pem"] : _folder.Write("bad.pem", content);
        using X509Certificate2 server = _certs.IssueServer();
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, session => session.UntilClosedAsync());

        LdapConnectionException failure = await ConnectTests.FailsAsync(peer.Options with { Trust = new LdapTrust.CaFile(file) });

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_certificate_is_shown_though_the_server_knows_no_issuer_of_it()
    {
        using X509Certificate2 server = _certs.IssueServer();
        using Certs elsewhere = Certs.Create("Elsewhere");
        using X509Certificate2 own = elsewhere.IssueServer("hub.example.com");
        string? shown = null;
        await using ScriptedPeer peer = ScriptedPeer.Plain(
            async session =>
            {
                (int id, _) = await session.ReadAsync<ExtendedRequest>();
                await session.SendAsync(id, new ExtendedResponse(LdapResult.Success));
                session.AskForClientCertificate = true;
                await session.HandshakeAsync();
                shown = session.ClientCertificate?.Thumbprint;
                (id, BindRequest bind) = await session.ReadAsync<BindRequest>();
                Assert.Equal("EXTERNAL", Assert.IsType<SaslCredentials>(bind.Credentials).Mechanism);
                await session.SendAsync(id, new BindResponse(LdapResult.Success));
                await session.UntilClosedAsync();
            },
            server);

        await using (LdapConnection connection = await peer.ConnectAsync(o => o with { StartTls = true, Trust = CaFile, ClientCertificate = own }))
        {
            await connection.BindExternalAsync();
        }

        await peer.Finished;
        Assert.Equal(own.Thumbprint, shown);
    }

    private static byte[] Sha256(X509Certificate2 certificate) => SHA256.HashData(certificate.RawData);

    private static X509Certificate2 Expired(string subject)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-10), now.AddDays(-1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static async Task AnswerWhoAmIAsync(PeerSession session)
    {
        (int id, _) = await session.ReadAsync<ExtendedRequest>();
        await session.SendAsync(id, Answers.WhoAmI("dn:cn=a"));
        await session.UntilClosedAsync();
    }
}
