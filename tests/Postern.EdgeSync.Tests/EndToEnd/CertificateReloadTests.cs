using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.EndToEnd;

public class CertificateReloadTests
{
    [Fact]
    public async Task Replaced_certificate_is_used_from_the_next_handshake_on_and_open_sessions_live()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        CertificatePin old = CertificatePin.Of(edge.Service.EnsureCertificate(TestEdge.Fqdn));
        await using LdapConnection open = await DialAsync(edge, old);
        using Certs authority = Certs.Create();
        using X509Certificate2 next = authority.IssueServer(TestEdge.Fqdn);
        using ECDsa key = next.GetECDsaPrivateKey()!;
        string folder = edge.Paths.KeysFolder;

        // Key first, as the manual says; between the two files the old pair goes on.
        PrivateFile.Replace(Path.Combine(folder, "edge-cert.key.pem"), System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        await using (await DialAsync(edge, old))
        {
        }

        PrivateFile.Replace(Path.Combine(folder, "edge-cert.crt.pem"), System.Text.Encoding.ASCII.GetBytes(next.ExportCertificatePem()));
        await using LdapConnection anew = await DialAsync(edge, CertificatePin.Of(next));
        await Assert.ThrowsAsync<LdapConnectionException>(() => DialAsync(edge, old));
        foreach (LdapConnection session in new[] { open, anew })
        {
            int found = 0;
            await foreach (LdapEntry _ in session.SearchAsync(SearchRequest.ReadEntry("")))
            {
                found++;
            }

            Assert.Equal(1, found);
        }
    }

    private static Task<LdapConnection> DialAsync(TestEdge edge, CertificatePin pin) => LdapConnection.ConnectAsync(new LdapClientOptions
    {
        Endpoint = LdapEndpoint.Parse("ldaps://" + edge.Address),
        Trust = new LdapTrust.Pin(pin.Sha256),
    });
}
