using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>What a self-signed certificate shall say.</summary>
/// <param name="CommonName">The subject, 1 to 64 characters (RFC 5280 appendix A.1, ub-common-name).</param>
/// <param name="DnsNames">Subject alternative names; the common name is not added by itself.</param>
/// <param name="Lifetime">From the time of the call on.</param>
public sealed record SelfSignedRequest(string CommonName, IReadOnlyList<string> DnsNames, KeyAlgorithm Algorithm, TimeSpan Lifetime)
{
    /// <summary>The whole subject; null: the common name alone.</summary>
    public X500DistinguishedName? Subject { get; init; }
}
