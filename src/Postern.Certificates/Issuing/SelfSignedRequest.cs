namespace Postern.Certificates;

public enum KeyAlgorithm
{
    /// <summary>The default: small, fast, and in every TLS peer of the last decade.</summary>
    EcdsaP256,
    EcdsaP384,
    Rsa2048,
    Rsa3072,
    Rsa4096,
}

/// <summary>What a self-signed certificate shall say.</summary>
/// <param name="CommonName">The subject, 1 to 64 characters (RFC 5280 appendix A.1, ub-common-name).</param>
/// <param name="DnsNames">Subject alternative names; the common name is not added by itself.</param>
/// <param name="Lifetime">From the time of the call on.</param>
public sealed record SelfSignedRequest(string CommonName, IReadOnlyList<string> DnsNames, KeyAlgorithm Algorithm, TimeSpan Lifetime);
