using System.Net.Security;

namespace Postern.Ldap.Server.Tls;

/// <summary>What is accepted: all of TLS 1.3, and of TLS 1.2 what RFC 9325 section 4.2 recommends, with ChaCha20 (RFC 7905) for machines
/// without AES. Looked at after the handshake, in which the server's order decides: a peer that offers any of these gets one of these, another
/// one is cut off before it has said a word. Given to the runtime as a policy, the list would cost each handshake a TLS context of its own.</summary>
internal static class CipherSuites
{
    public static bool Allows(TlsCipherSuite suite) => suite
        is TlsCipherSuite.TLS_AES_128_GCM_SHA256
        or TlsCipherSuite.TLS_AES_256_GCM_SHA384
        or TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256
        or TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        or TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        or TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        or TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        or TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
        or TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256;
}
