using System.Globalization;
using System.Text;

namespace Postern.Ldap;

/// <summary>Percent-encoding, RFC 4516 section 2.1 and RFC 3986 section 2.</summary>
internal static class LdapUrlEncoding
{
    // Besides the unreserved characters of RFC 3986. "?" always separates, "," in attributes and extensions too.
    public const string DnChars = "=,+;:@!$&'()*";
    public const string AttributeChars = ";:*";
    public const string FilterChars = "=,+;:@!$&'()*";
    public const string ExtensionChars = "=+;:@!$&'()*/";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Encode(string text, string alsoPlain)
    {
        StringBuilder encoded = new(text.Length);
        foreach (byte octet in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)octet;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' || alsoPlain.Contains(c, StringComparison.Ordinal))
            {
                encoded.Append(c);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <returns>Null when a % is not followed by two hexadecimal digits, or what comes out is not UTF-8.</returns>
    public static string? Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        const int EscapeChars = 3;
        List<byte> octets = new(text.Length);
        int plain = 0;
        for (int at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', plain))
        {
            if (at + EscapeChars > text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
            {
                return null;
            }

            octets.AddRange(Encoding.UTF8.GetBytes(text, plain, at - plain));
            octets.Add(Convert.ToByte(text.Substring(at + 1, 2), 16));
            plain = at + EscapeChars;
        }

        octets.AddRange(Encoding.UTF8.GetBytes(text, plain, text.Length - plain));
        try
        {
            return StrictUtf8.GetString([.. octets]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
