using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Server.Connections;

namespace Postern.Ldap.Server.Tls;

// RFC 9325 (complete): TLS 1.2 and 1.3, ephemeral keys and AEAD only, no renegotiation, no compression

/// <summary>The server's side of TLS handshakes. TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, no renegotiation.</summary>
internal sealed class TlsAcceptor(Func<X509Certificate2> certificate, TimeSpan timeout, TimeProvider time)
{
    /// <summary>A context encrypts its tickets with keys of its own; old ones must not outlive a theft of memory for long.</summary>
    private static readonly TimeSpan ContextLifetime = TimeSpan.FromHours(1);

    private CertificateInUse? _inUse;

    /// <exception cref="TlsHandshakeException">The peer was too slow, spoke no TLS, or went away.</exception>
    public async Task<TlsTransport> HandshakeAsync(IDuplexPipe transport, CancellationToken stopping)
    {
        SslStream stream = new(((SocketConnection)transport).Stream, leaveInnerStreamOpen: true);
        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        try
        {
            await stream.AuthenticateAsServerAsync(
                (_, hello, _, _) => new ValueTask<SslServerAuthenticationOptions>(OptionsFor(hello.SslProtocols)), null, either.Token).ConfigureAwait(false);
            return new TlsTransport(stream);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new TlsHandshakeException(late.IsCancellationRequested ? $"not finished after {timeout.TotalSeconds:0} s" : Reason(e), e);
        }
    }

    /// <summary>TLS 1.3 where the peer says that it speaks it: all its suites are sound. Else a list of the sound ones of both versions. Not
    /// always the list: with one, or without resumption, the runtime makes a TLS context anew for every connection, a third of a handshake's cost. A ticket proves what the handshake before it proved, client certificate included, and dies with its context.</summary>
    /// <param name="offered">By the peer, as the runtime reads its hello. It misses TLS 1.3 where that is the only version offered.</param>
    private SslServerAuthenticationOptions OptionsFor(SslProtocols offered)
    {
        bool modern = (offered & SslProtocols.Tls13) != 0;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Context(),
            EnabledSslProtocols = modern ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
            CipherSuitesPolicy = modern ? null : CipherSuites.Policy,
            AllowTlsResume = modern,

            // Asked for, never demanded; whether to believe it is the authenticator's to say (see LdapPeer).
            ClientCertificateRequired = true,
#pragma warning disable CA5359 // A client's certificate is pinned later, exactly; no issuer could say more.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
        };
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
