using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>
/// The ways from a certificate to its issuers, by names and key identifiers (RFC 4158); whether a link holds is not looked at here. Cross-signed
/// issuers make several: a builder that takes the first issuer that fits may end at a root that nobody trusts beside one that is trusted.
/// </summary>
internal sealed class ChainPaths(TrustFolder trust, IReadOnlyList<X509Certificate2> chain)
{
    /// <summary>Certificates of one path; public chains have 3 or 4. Ours.</summary>
    public const int MaxLength = 10;

    /// <summary>Paths that are looked at. Ours.</summary>
    public const int MaxPaths = 16;

    private readonly CertificateLink[] _issuers =
    [
        .. trust.OwnRoots.Select(one => new CertificateLink(one, LinkOrigin.OwnRoots)),
        .. trust.SystemRoots.Select(one => new CertificateLink(one, LinkOrigin.SystemRoots)),
        .. chain.Select(one => new CertificateLink(one, LinkOrigin.Chain)),
        .. trust.Intermediates.Select(one => new CertificateLink(one, LinkOrigin.Intermediates)),
    ];

    /// <returns>At least one; trusted ones first, the shortest of them first.</returns>
    public IReadOnlyList<IReadOnlyList<CertificateLink>> From(X509Certificate2 certificate)
    {
        List<IReadOnlyList<CertificateLink>> found = [];

        // It may be trusted itself.
        LinkOrigin own = _issuers.FirstOrDefault(one => IsSame(one.Certificate, certificate) && IsRoot(one)) is { } root ? root.Origin : LinkOrigin.Subject;
        Extend([new CertificateLink(certificate, own)], found);
        return [.. found.OrderBy(path => IsRoot(path[^1]) ? 0 : 1).ThenBy(path => path.Count)];
    }

    public static bool IsRoot(CertificateLink link) => link.Origin is LinkOrigin.OwnRoots or LinkOrigin.SystemRoots;

    private void Extend(IReadOnlyList<CertificateLink> path, List<IReadOnlyList<CertificateLink>> found)
    {
        X509Certificate2 last = path[^1].Certificate;
        if (found.Count >= MaxPaths)
        {
            return;
        }

        CertificateLink[] next = path.Count >= MaxLength || IsRoot(path[^1]) || CertificateKeys.IsSelfIssued(last) ? []
            : [.. _issuers.Where(one => MayHaveIssued(one.Certificate, last) && !path.Any(link => IsSame(link.Certificate, one.Certificate)))
                .DistinctBy(one => CertificatePin.Of(one.Certificate))];
        if (next.Length == 0)
        {
            found.Add(path);
        }

        foreach (CertificateLink one in next)
        {
            Extend([.. path, one], found);
        }
    }

    private static bool MayHaveIssued(X509Certificate2 issuer, X509Certificate2 issued)
    {
        if (!issuer.SubjectName.RawData.AsSpan().SequenceEqual(issued.IssuerName.RawData))
        {
            return false;
        }

        ReadOnlyMemory<byte>? wanted = issued.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        ReadOnlyMemory<byte>? has = issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifierBytes;
        return wanted is not { } wants || has is not { } identifier || wants.Span.SequenceEqual(identifier.Span);
    }

    private static bool IsSame(X509Certificate2 one, X509Certificate2 other) => one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);
}
