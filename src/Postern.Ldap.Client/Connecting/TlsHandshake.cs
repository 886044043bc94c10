using System.Net.Security;
using System.Security.Authentication;

namespace Postern.Ldap.Client.Connecting;

internal static class TlsHandshake
{
    /// <exception cref="LdapConnectionException">TlsFailed or PinMismatch.</exception>
    public static async Task<SslStream> RunAsync(Stream transport, LdapClientOptions options, CancellationToken cancellationToken)
    {
        TrustCheck trust = new(options);
        SslStream tls = new(transport, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.TlsName ?? options.Endpoint.Host,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    CertificateChainPolicy = trust.Policy,
                    RemoteCertificateValidationCallback = trust.Accepts,
                    // A context is offered whatever issuers the server names: with direct trust it knows none of ours.
                    ClientCertificateContext = options.ClientCertificate is { } own ? SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true) : null,
                    // Sessions are resumed without looking at the certificate again; each connection must judge for itself.
                    AllowTlsResume = false,
                },
                cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw trust.Failure ?? Failed(options.Endpoint, e);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static LdapConnectionException Failed(LdapEndpoint endpoint, Exception e) => new(
        LdapFailureKind.TlsFailed,
        $"{endpoint}: the TLS handshake failed: {LdapFailures.Reason(e)}",
        $"Port {endpoint.Port} may not speak TLS (then use ldap://, with StartTLS), the server may have no certificate, ask for a client certificate, or offer neither TLS 1.2 nor 1.3.",
        e);
}
