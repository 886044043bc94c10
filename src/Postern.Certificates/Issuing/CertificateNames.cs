using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Postern.Certificates;

/// <summary>Names that a certificate is made for: DNS names, a wildcard as the whole first label, IP addresses.</summary>
public static class CertificateNames
{
    /// <summary>Characters (fact sheet 7.3; RFC 1035 section 2.3.4 allows 255 octets with the lengths of the labels in them).</summary>
    public const int MaxLength = 255;

    /// <summary>Names of one certificate. What public authorities take at most is 100 to 250. Ours.</summary>
    public const int MaxNames = 250;

    private const string Wildcard = "*.";

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>Lower case, other letters in their xn-- form (RFC 5891).</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        string trimmed = text.Trim().TrimEnd('.');
        if (trimmed.Length is 0 or > MaxLength)
        {
            error = $"the name '{text}' has {trimmed.Length} characters; 1 to {MaxLength} are allowed";
            return false;
        }

        if (IPAddress.TryParse(trimmed, out IPAddress? address) && Uri.CheckHostName(trimmed) is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            name = address.ToString();
            error = null;
            return true;
        }

        bool isWildcard = trimmed.StartsWith(Wildcard, StringComparison.Ordinal);
        try
        {
            string ascii = Idn.GetAscii(isWildcard ? trimmed[Wildcard.Length..] : trimmed).ToLowerInvariant();
            if (Uri.CheckHostName(ascii) == UriHostNameType.Dns && !ascii.Contains('_', StringComparison.Ordinal))
            {
                name = isWildcard ? Wildcard + ascii : ascii;
                error = null;
                return true;
            }
        }
        catch (ArgumentException)
        {
            // Labels of no or of too many characters, or with signs that no name has.
        }

        error = $"'{text}' is not a DNS name or an IP address; a wildcard stands for the whole first label, as in *.example.com";
        return false;
    }

    /// <summary>All of them, each once, in the order given.</summary>
    /// <exception cref="ArgumentException">One is no name, or they are too many.</exception>
    public static IReadOnlyList<string> Read(IEnumerable<string> texts)
    {
        List<string> names = [];
        foreach (string text in texts)
        {
            if (!TryRead(text, out string? name, out string? error))
            {
                throw new ArgumentException(error, nameof(texts));
            }

            if (!names.Contains(name))
            {
                names.Add(name);
            }
        }

        return names.Count <= MaxNames ? names : throw new ArgumentException($"{names.Count} names are too many for one certificate; {MaxNames} are allowed", nameof(texts));
    }
}
