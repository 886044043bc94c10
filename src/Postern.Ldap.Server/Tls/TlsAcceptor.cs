using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Server.Connections;

namespace Postern.Ldap.Server.Tls;

/// <summary>The server's side of TLS handshakes. TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, no renegotiation.</summary>
internal sealed class TlsAcceptor(Func<X509Certificate2> certificate, TimeSpan timeout, TimeProvider time)
{
    /// <summary>A context encrypts its tickets with keys of its own; old ones must not outlive a theft of memory for long.</summary>
    private static readonly TimeSpan ContextLifetime = TimeSpan.FromHours(1);

    private CertificateInUse? _inUse;

    /// <exception cref="TlsHandshakeException">The peer was too slow, spoke no TLS, or went away.</exception>
    public async Task<TlsTransport> HandshakeAsync(IDuplexPipe transport, CancellationToken stopping)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = Context(),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

            // Asked for, never demanded; whether to believe it is the authenticator's to say (see LdapPeer).
            ClientCertificateRequired = true,
#pragma warning disable CA5359 // A client's certificate is pinned later, exactly; no issuer could say more.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,

            // Off, or with a CipherSuitesPolicy, the runtime makes a TLS context anew for every connection, which is half of a handshake's cost.
            // A ticket proves what the handshake before it proved, client certificate included, and dies with its context.
            AllowTlsResume = true,
        };

        SslStream stream = new(((SocketConnection)transport).Stream, leaveInnerStreamOpen: true);
        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        try
        {
            await stream.AuthenticateAsServerAsync(options, either.Token).ConfigureAwait(false);
            if (!CipherSuites.Allows(stream.NegotiatedCipherSuite))
            {
                throw new AuthenticationException($"the best suite that it offers is {stream.NegotiatedCipherSuite}");
            }

            return new TlsTransport(stream);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new TlsHandshakeException(late.IsCancellationRequested ? $"not finished after {timeout.TotalSeconds:0} s" : Reason(e), e);
        }
    }

    private static string Reason(Exception e) => e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;

    private SslStreamCertificateContext Context()
    {
        X509Certificate2 now = certificate();
        CertificateInUse? inUse = _inUse;
        if (inUse is null || !ReferenceEquals(inUse.Certificate, now) || time.GetElapsedTime(inUse.Made) > ContextLifetime)
        {
            // Offline: a self-signed certificate has no issuers to fetch, and a handshake must not wait for a download.
            inUse = new CertificateInUse(now, SslStreamCertificateContext.Create(now, additionalCertificates: null, offline: true), time.GetTimestamp());
            _inUse = inUse;
        }

        return inUse.Context;
    }

    private sealed record CertificateInUse(X509Certificate2 Certificate, SslStreamCertificateContext Context, long Made);
}

/// <summary>A handshake that came to nothing: the peer's doing, unless the certificate itself is at fault.</summary>
internal sealed class TlsHandshakeException(string message, Exception inner) : Exception(message, inner);
