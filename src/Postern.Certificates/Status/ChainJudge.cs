using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>What is wrong with the links of one path (RFC 5280 section 6).</summary>
/// <param name="trust">Its revocation lists.</param>
internal sealed class ChainJudge(TrustFolder trust, DateTimeOffset now, ExaminationOptions options)
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";

    /// <summary>Bits of an elliptic curve (NIST SP 800-57 part 1: 224; the smallest in use above it is 256).</summary>
    private const int LeastEcBits = 256;

    private const X509ChainStatusFlags OtherLooks = X509ChainStatusFlags.NotTimeValid | X509ChainStatusFlags.NotTimeNested | X509ChainStatusFlags.CtlNotTimeValid;
    private const X509ChainStatusFlags NoRoot = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
    private const X509ChainStatusFlags NotFoundOut = X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;

    public IReadOnlyList<CertificateProblem> Judge(IReadOnlyList<CertificateLink> path, List<string> notes)
    {
        List<CertificateProblem> problems = [];
        for (int place = 0; place < path.Count; place++)
        {
            problems.AddRange(Dates(path, place));
            problems.AddRange(Strength(path, place));
        }

        if (options.IsPinned)
        {
            return problems;
        }

        problems.AddRange(Structure(path));
        if (options.Revocation != RevocationCheck.None)
        {
            for (int place = 0; place < path.Count - 1; place++)
            {
                problems.AddRange(Revocation(path, place, notes));
            }
        }

        return problems;
    }

    /// <summary>How people are told which one is meant.</summary>
    public static string Name(IReadOnlyList<CertificateLink> path, int place) =>
        place == 0 ? "the certificate" : place == path.Count - 1 && ChainPaths.IsRoot(path[place]) ? $"the root '{path[place].Certificate.Subject}'"
        : $"the issuer '{path[place].Certificate.Subject}' (link {place})";

    private IEnumerable<CertificateProblem> Dates(IReadOnlyList<CertificateLink> path, int place)
    {
        DateTimeOffset begin = new(path[place].Certificate.NotBefore.ToUniversalTime());
        DateTimeOffset end = new(path[place].Certificate.NotAfter.ToUniversalTime());
        if (now > end)
        {
            yield return new CertificateProblem(CertificateStatus.Expired, place, $"{Name(path, place)} expired at {end:u}");
        }
        else if (now < begin)
        {
            yield return new CertificateProblem(CertificateStatus.NotYetValid, place, $"{Name(path, place)} is good from {begin:u} on only");
        }
    }

    private static IEnumerable<CertificateProblem> Strength(IReadOnlyList<CertificateLink> path, int place)
    {
        X509Certificate2 certificate = path[place].Certificate;
        (string algorithm, int bits) = CertificateKeys.Describe(certificate.PublicKey);
        int least = algorithm switch { "RSA" => CertificateKeys.LeastRsaBits, "EC" => LeastEcBits, _ => 0 };
        if (bits < least)
        {
            yield return new CertificateProblem(CertificateStatus.Weak, place, $"{Name(path, place)} has an {algorithm} key of {bits} bits; {least} are the least");
        }
        else if (certificate.PublicKey.Oid.Value == "1.2.840.10040.4.1")
        {
            yield return new CertificateProblem(CertificateStatus.Weak, place, $"{Name(path, place)} has a DSA key, which TLS no longer takes");
        }

        // What a root says of itself proves nothing: it is trusted because it lies there.
        if (!ChainPaths.IsRoot(path[place]) && SignatureAlgorithm.Of(certificate) is { IsBroken: true } broken)
        {
            yield return new CertificateProblem(CertificateStatus.Weak, place, $"{Name(path, place)} is signed with {broken.Hash?.Name ?? "MD2 or MD4"}");
        }
    }

    /// <summary>Signatures, constraints, usages, trust: the platform's work, on this path alone.</summary>
    private IEnumerable<CertificateProblem> Structure(IReadOnlyList<CertificateLink> path)
    {
        using X509Chain chain = new();
        X509ChainPolicy policy = chain.ChainPolicy;
        bool isOnline = options.Revocation == RevocationCheck.Online;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = isOnline ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        policy.RevocationFlag = X509RevocationFlag.ExcludeRoot;
        policy.UrlRetrievalTimeout = options.DownloadTime;
        policy.DisableCertificateDownloads = !isOnline;
        policy.VerificationTime = now.UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(ServerAuth));
        foreach (CertificateLink link in path.Skip(1))
        {
            policy.ExtraStore.Add(link.Certificate);
        }

        // Fetched issuers may lead to any root.
        foreach (X509Certificate2 root in isOnline ? [.. trust.OwnRoots, .. trust.SystemRoots] : path.Where(ChainPaths.IsRoot).Select(one => one.Certificate))
        {
            policy.CustomTrustStore.Add(root);
        }

        try
        {
            if (chain.Build(path[0].Certificate))
            {
                return [];
            }
        }
        catch (CryptographicException e)
        {
            // A key or an extension that OpenSSL cannot read.
            return [new CertificateProblem(CertificateStatus.Untrusted, 0, $"the chain of the certificate cannot be built: {e.Message}")];
        }

        List<CertificateProblem> problems = [];
        for (int place = 0; place < chain.ChainElements.Count; place++)
        {
            foreach (X509ChainStatus status in chain.ChainElements[place].ChainElementStatus)
            {
                if (Translate(status, chain.ChainElements[place].Certificate, path, Math.Min(place, path.Count - 1)) is { } problem)
                {
                    problems.Add(problem);
                }
            }
        }

        foreach (X509ChainElement element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return problems.DistinctBy(one => (one.Status, one.Text));
    }

    private static CertificateProblem? Translate(X509ChainStatus status, X509Certificate2 at, IReadOnlyList<CertificateLink> path, int place)
    {
        string name = Name(path, place);
        return status.Status switch
        {
            X509ChainStatusFlags.NoError => null,
            var flag when (flag & OtherLooks) != 0 => null,
            var flag when (flag & NoRoot) != 0 => new CertificateProblem(CertificateStatus.Untrusted, place, CertificateKeys.IsSelfIssued(at)
                ? place == 0 ? "the certificate is self-signed; only who was given it trusts it" : $"the chain ends in '{at.Subject}', which is not among the trusted roots"
                : $"the issuer '{at.Issuer}' of {name} is not there"),
            X509ChainStatusFlags.Revoked => new CertificateProblem(CertificateStatus.Revoked, place, $"{name} is revoked"),
            var flag when (flag & NotFoundOut) != 0 => new CertificateProblem(CertificateStatus.RevocationUnknown, place, $"whether {name} is revoked could not be found out: {status.StatusInformation.Trim()}"),
            X509ChainStatusFlags.HasWeakSignature => new CertificateProblem(CertificateStatus.Weak, place, $"{name} has a weak signature"),
            X509ChainStatusFlags.NotSignatureValid => new CertificateProblem(CertificateStatus.Untrusted, place, $"the signature on {name} does not hold"),
            X509ChainStatusFlags.NotValidForUsage => new CertificateProblem(CertificateStatus.Untrusted, place, $"{name} is not for TLS servers (extended key usage)"),
            X509ChainStatusFlags.InvalidBasicConstraints => new CertificateProblem(CertificateStatus.Untrusted, place, $"{name} breaks the basic constraints of the chain: one that is no authority, or too long a path below one"),
            X509ChainStatusFlags.InvalidNameConstraints or X509ChainStatusFlags.HasNotPermittedNameConstraint or X509ChainStatusFlags.HasExcludedNameConstraint
                or X509ChainStatusFlags.HasNotDefinedNameConstraint or X509ChainStatusFlags.HasNotSupportedNameConstraint =>
                new CertificateProblem(CertificateStatus.Untrusted, place, $"{name} breaks the name constraints of the chain: an issuer may not issue for one of its names"),
            _ => new CertificateProblem(CertificateStatus.Untrusted, place, $"{name}: {status.StatusInformation.Trim()} ({status.Status})"),
        };
    }

    /// <summary>By the lists of the trust folder.</summary>
    private IEnumerable<CertificateProblem> Revocation(IReadOnlyList<CertificateLink> path, int place, List<string> notes)
    {
        X509Certificate2 issuer = path[place + 1].Certificate;
        List<RevocationList> lists = [];
        foreach (RevocationList list in trust.Lists.Where(one => one.IsOf(issuer)))
        {
            string? unusable = list.Unusable ?? (list.IsSignedBy(issuer) ? null : $"its issuer '{issuer.Subject}' did not sign it, or may not");
            if (unusable is not null)
            {
                notes.Add($"the revocation list {list.File} says nothing: {unusable}");
            }
            else
            {
                lists.Add(list);
            }
        }

        // The newest word of each kind; what was taken back stays so whatever the age of the list.
        RevocationList? newest = lists.Where(one => !one.IsPartial).MaxBy(one => one.ThisUpdate);
        RevokedCertificate? revoked = newest?.Find(path[place].Certificate) ?? lists.Where(one => one.IsPartial).Select(one => one.Find(path[place].Certificate)).FirstOrDefault(one => one is not null);
        if (revoked is not null)
        {
            yield return new CertificateProblem(CertificateStatus.Revoked, place, $"{Name(path, place)} was {revoked}");
        }
        else if (options.Revocation == RevocationCheck.Offline && newest is { NextUpdate: { } next } && next < now)
        {
            yield return new CertificateProblem(CertificateStatus.RevocationUnknown, place, $"whether {Name(path, place)} is revoked is not known: the list {newest.File} was good until {next:u}");
        }
    }
}
