using System.Text;

namespace Postern.Ldap;

/// <summary>Normal forms of texts in which blanks, and more, mean nothing: RFC 4518 sections 2.6.2 and 2.6.3, RFC 4517 section 3.3.</summary>
internal static class CompactText
{
    /// <summary>numericStringMatch: digits without blanks.</summary>
    public static bool TryNumeric(ReadOnlySpan<byte> value, out byte[] normal)
    {
        normal = Without(value, " "u8);
        return !value.IsEmpty && !normal.AsSpan().ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    /// <summary>telephoneNumberMatch: without blanks and hyphens of any script, letters in lower case.</summary>
    public static bool TryTelephone(ReadOnlySpan<byte> value, out byte[] normal)
    {
        normal = [];
        if (value.IsEmpty || !StringPreparation.TryPrepare(value, ignoreCase: true, out byte[] prepared))
        {
            return false;
        }

        if (Ascii.IsValid(prepared))
        {
            normal = Without(prepared, " -"u8);
            return true;
        }

        // RFC 4518 section 2.6.3: the hyphens that compatibility has not made a plain one.
        StringBuilder text = new();
        foreach (char c in Encoding.UTF8.GetString(prepared))
        {
            if (c is not (' ' or '-' or '\u058a' or '\u2010' or '\u2011' or '\u2212'))
            {
                text.Append(c);
            }
        }

        normal = Encoding.UTF8.GetBytes(text.ToString());
        return true;
    }

    /// <summary>caseIgnoreListMatch: a postal address, line by line; <c>\24</c> and <c>\5C</c> stand for what would end one.</summary>
    public static bool TryLines(ReadOnlySpan<byte> value, out byte[] normal)
    {
        normal = [];
        List<byte> lines = [];
        while (true)
        {
            int end = value.IndexOf((byte)'$');
            if (!StringPreparation.TryPrepare(end < 0 ? value : value[..end], ignoreCase: true, out byte[] line) || value.IsEmpty)
            {
                return false;
            }

            lines.AddRange(line);
            if (end < 0)
            {
                break;
            }

            lines.Add((byte)'$');
            value = value[(end + 1)..];
        }

        normal = [.. lines];
        return true;
    }

    /// <summary>BitString, RFC 4517 section 3.3.2: <c>'0101'B</c>.</summary>
    public static bool TryBits(ReadOnlySpan<byte> value, out byte[] normal)
    {
        bool valid = value.Length >= 3 && value[0] == '\'' && value.EndsWith("'B"u8) && !value[1..^2].ContainsAnyExcept((byte)'0', (byte)'1');
        normal = valid ? value.ToArray() : [];
        return valid;
    }

    private static byte[] Without(ReadOnlySpan<byte> value, ReadOnlySpan<byte> dropped)
    {
        byte[] kept = new byte[value.Length];
        int length = 0;
        foreach (byte octet in value)
        {
            if (!dropped.Contains(octet))
            {
                kept[length++] = octet;
            }
        }

        return kept[..length];
    }
}
