using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Which of the certificates in one file or several is meant, which key is its own, and which others are its issuers, in whatever order they stand.</summary>
public static class CertificateBundling
{
    private const string KeepOne = "keep one in the file, or give the thumbprint of the one that is meant";

    /// <param name="files">E.g. the certificate, its key and its issuers, each in a file of its own. They stay what they are: the bundle has copies.</param>
    /// <param name="isMeant">Chooses the certificate; null: the one that fits the key or, without a key, the one that issued none of the others.</param>
    /// <param name="notes">What was left aside, in all files, and why.</param>
    /// <exception cref="CertificateFormatException">None or several, or a key that fits none.</exception>
    public static CertificateBundle Make(IReadOnlyList<CertificateFileContent> files, Func<X509Certificate2, bool>? isMeant, out IReadOnlyList<string> notes)
    {
        string names = string.Join(", ", files.Select(one => one.Name));
        List<string> said = [.. files.SelectMany(one => one.Notes)];
        List<CertificateEntry> all = [];
        foreach (CertificateEntry one in files.SelectMany(file => file.Certificates))
        {
            if (!all.Any(other => IsSame(other.Certificate, one.Certificate)))
            {
                all.Add(one);
            }
        }

        List<PrivateKeyEntry> keys = [.. files.SelectMany(one => one.Keys)];
        CertificateEntry leaf = Leaf(all, keys, isMeant, names, said);
        PrivateKeyEntry? key = keys.FirstOrDefault(one => one.Fits(leaf.Certificate));
        List<X509Certificate2> chain = Chain(leaf.Certificate, [.. all.Select(one => one.Certificate)]);
        foreach (CertificateEntry extra in all.Where(one => one != leaf && !chain.Contains(one.Certificate)))
        {
            said.Add($"{names}: {Describe(extra.Certificate)} is not in the chain of {Describe(leaf.Certificate)}, left aside");
        }

        foreach (PrivateKeyEntry extra in keys.Where(one => one != key && key?.IsSameAs(one) != true))
        {
            said.Add($"{names}: a private key ({extra.Algorithm}) that does not fit {Describe(leaf.Certificate)}, left aside");
        }

        notes = said;
        return new CertificateBundle(WithKey(leaf.Certificate, key), [.. chain.Select(Copy)]) { FriendlyName = leaf.FriendlyName ?? key?.FriendlyName };
    }

    /// <summary>The issuers of a certificate out of a heap, the nearest first, as far as they are there; the root too.</summary>
    public static List<X509Certificate2> Chain(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> all)
    {
        List<X509Certificate2> chain = [];
        X509Certificate2 last = leaf;
        while (!CertificateKeys.IsSelfIssued(last)
            && all.Where(one => one != leaf && !chain.Contains(one) && !IsSame(one, leaf) && IsIssuer(one, last))
                // Authorities renew under the same name with another key: a signature tells, a key identifier may be missing or copied.
                .OrderBy(one => SignatureAlgorithm.IsSignedBy(last, one) ? 0 : 1).ThenBy(one => HasKeyIdentifierOf(one, last) ? 0 : 1).FirstOrDefault() is { } issuer)
        {
            chain.Add(issuer);
            last = issuer;
        }

        return chain;
    }

    private static CertificateEntry Leaf(List<CertificateEntry> all, List<PrivateKeyEntry> keys, Func<X509Certificate2, bool>? isMeant, string names, List<string> said)
    {
        if (all.Count == 0)
        {
            throw new CertificateFormatException("nothingThere", $"{names}: there is no certificate", "give the file of the certificate too");
        }

        if (isMeant is not null)
        {
            return all.FirstOrDefault(one => isMeant(one.Certificate))
                ?? throw new CertificateFormatException("nothingThere", $"{names}: the certificate that is meant is not there, only {List(all)}", "check the thumbprint and the file");
        }

        List<CertificateEntry> fitting = [.. all.Where(one => keys.Any(key => key.Fits(one.Certificate)))];
        if (keys.Count > 0 && fitting.Count == 0)
        {
            throw keys.All(one => one.Algorithm is not (PrivateKeyHeader.Rsa or PrivateKeyHeader.Ec))
                ? new CertificateFormatException("unsupportedAlgorithm", $"{names}: the private key is {keys[0].Algorithm}; mail services here use RSA or EC", "get a certificate for an RSA or EC key")
                : new CertificateFormatException("keyDoesNotFit", $"{names}: the private key fits none of the certificates: {List(all)}", "give the key that was made for the certificate");
        }

        if (fitting.Count > 1 && fitting.All(one => fitting[0].Certificate.PublicKey.EncodedKeyValue.RawData.AsSpan().SequenceEqual(one.Certificate.PublicKey.EncodedKeyValue.RawData)))
        {
            CertificateEntry newest = fitting.OrderByDescending(one => one.Certificate.NotBefore).First();
            said.Add($"{names}: {fitting.Count} certificates have the same key; {Describe(newest.Certificate)} is the newest of them");
            return newest;
        }

        List<CertificateEntry> ends = fitting.Count > 0 ? fitting
            : [.. all.Where(one => !all.Any(other => other != one && !CertificateKeys.IsSelfIssued(other.Certificate) && IsIssuer(one.Certificate, other.Certificate)))];
        return ends.Count switch
        {
            1 => ends[0],
            0 => throw new CertificateFormatException("ambiguous", $"{names}: the certificates issue each other in a circle: {List(all)}", KeepOne),
            _ => throw new CertificateFormatException("ambiguous", $"{names}: any of these may be meant: {List(ends)}", KeepOne),
        };
    }

    private static bool IsIssuer(X509Certificate2 issuer, X509Certificate2 issued) => issuer.SubjectName.RawData.AsSpan().SequenceEqual(issued.IssuerName.RawData);

    /// <summary>RFC 5280 section 4.2.1.1: tells several keys of one issuer apart.</summary>
    private static bool HasKeyIdentifierOf(X509Certificate2 issuer, X509Certificate2 issued)
    {
        try
        {
            ReadOnlyMemory<byte>? wanted = issued.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
            X509SubjectKeyIdentifierExtension? own = issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault();
            return wanted is { } identifier && own is not null && own.SubjectKeyIdentifierBytes.Span.SequenceEqual(identifier.Span);
        }
        catch (CryptographicException)
        {
            // An extension that is damaged tells nothing apart.
            return false;
        }
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, PrivateKeyEntry? entry)
    {
        using X509Certificate2 copy = Copy(certificate);
        using AsymmetricAlgorithm? key = entry?.Open();
        try
        {
            return key switch
            {
                RSA rsa => KeyForPlatform.Attach(copy.CopyWithPrivateKey(rsa)),
                ECDsa ec => KeyForPlatform.Attach(copy.CopyWithPrivateKey(ec)),
                _ => Copy(certificate),
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw CertificateFormatException.Damaged(Describe(certificate), "its key usage cannot be read, or the key cannot be used with it", e);
        }
    }

    private static X509Certificate2 Copy(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span);

    private static bool IsSame(X509Certificate2 one, X509Certificate2 other) => one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    private static string Describe(X509Certificate2 certificate) => $"{certificate.Thumbprint} ({certificate.Subject})";

    private static string List(IEnumerable<CertificateEntry> entries)
    {
        List<string> words = [.. entries.Select(one => Describe(one.Certificate))];
        const int shown = 5;
        return string.Join(", ", words.Take(shown)) + (words.Count > shown ? $" and {words.Count - shown} more" : "");
    }
}
