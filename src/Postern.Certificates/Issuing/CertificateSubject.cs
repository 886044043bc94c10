using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Subjects as people write them: <c>C=DE,O=Example,CN=mail.example.com</c> (fact sheet 7.3).</summary>
public static class CertificateSubject
{
    /// <summary>Characters of the whole. Ours.</summary>
    public const int MaxLength = 1024;

    // id-at-commonName, RFC 5280 appendix A.1.
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>UTF8String where a value is not plain ASCII (RFC 5280 section 4.1.2.4).</summary>
    /// <exception cref="ArgumentException">It is no such name, or has no common name.</exception>
    public static X500DistinguishedName Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new ArgumentException($"the subject has {text.Length} characters; at most {MaxLength} are allowed", nameof(text));
        }

        X500DistinguishedName name;
        try
        {
            // Without Reversed the order of the text would be the other way round in the certificate than people and Exchange write it.
            name = new X500DistinguishedName(text, X500DistinguishedNameFlags.UseCommas | X500DistinguishedNameFlags.UseUTF8Encoding);
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException($"'{text}' is not a subject like C=DE,O=Example,CN=mail.example.com: {e.Message}", nameof(text), e);
        }

        string common = CommonName(name) ?? throw new ArgumentException($"the subject '{text}' has no common name; add CN=mail.example.com", nameof(text));
        return common.Length is > 0 and <= SelfSignedCertificate.MaxCommonNameLength
            ? name
            : throw new ArgumentException($"the common name '{common}' has {common.Length} characters; 1 to {SelfSignedCertificate.MaxCommonNameLength} are allowed", nameof(text));
    }

    /// <summary>A common name alone.</summary>
    public static X500DistinguishedName Of(string commonName)
    {
        X500DistinguishedNameBuilder builder = new();
        builder.AddCommonName(commonName);
        return builder.Build();
    }

    /// <summary>The last one, which is the most specific; null: none.</summary>
    public static string? CommonName(X500DistinguishedName name)
    {
        try
        {
            return name.EnumerateRelativeDistinguishedNames(reversed: false)
                .Where(one => !one.HasMultipleElements && one.GetSingleElementType().Value == CommonNameOid)
                .Select(one => one.GetSingleElementValue()).LastOrDefault(value => value is not null);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            // A foreign name that nobody can read has none.
            return null;
        }
    }
}
