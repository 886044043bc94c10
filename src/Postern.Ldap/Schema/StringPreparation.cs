using System.Globalization;
using System.Text;

namespace Postern.Ldap;

/// <summary>
/// String preparation, RFC 4518: maps, folds case, and makes blanks insignificant. The prepared text has no blank at its ends and
/// single ones inside; text of blanks only becomes one blank.
/// </summary>
/// <remarks>
/// Where we differ: no NFKC (section 2.3; the process runs without ICU), simple lower-casing in place of full case folding
/// (so "ß" is not "ss"), and no prohibited characters (section 2.4) but U+FFFD, which would hide damage.
/// </remarks>
internal static class StringPreparation
{
    /// <summary>Up to here preparation needs no array. Characters.</summary>
    private const int StackChars = 256;

    public static bool TryPrepare(ReadOnlySpan<byte> utf8, bool ignoreCase, out byte[] prepared)
    {
        if (Ascii.IsValid(utf8))
        {
            Span<byte> buffer = utf8.Length <= StackChars ? stackalloc byte[StackChars] : new byte[utf8.Length];
            prepared = buffer[..PrepareAscii(utf8, ignoreCase, buffer)].ToArray();
            return true;
        }

        prepared = [];
        StringBuilder text = new(utf8.Length);
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune rune, out int used) != System.Buffers.OperationStatus.Done || rune == Rune.ReplacementChar)
            {
                return false;
            }

            Append(text, rune, ignoreCase);
            utf8 = utf8[used..];
        }

        prepared = Encoding.UTF8.GetBytes(Finish(text, blanksOnly: true));
        return true;
    }

    /// <summary>As <see cref="TryPrepare"/>, for text that is known to be well-formed. The same instance when nothing changes.</summary>
    public static string Prepare(string value, bool ignoreCase)
    {
        if (Ascii.IsValid(value))
        {
            Span<char> buffer = value.Length <= StackChars ? stackalloc char[StackChars] : new char[value.Length];
            Span<char> prepared = buffer[..PrepareAscii(value.AsSpan(), ignoreCase, buffer)];
            return prepared.SequenceEqual(value) ? value : new string(prepared);
        }

        StringBuilder text = new(value.Length);
        foreach (Rune rune in value.EnumerateRunes())
        {
            Append(text, rune, ignoreCase);
        }

        return Finish(text, value.Length > 0);
    }

    /// <summary>One map for both widths: the loop is the same, and the common case of every lookup.</summary>
    private static int PrepareAscii<T>(ReadOnlySpan<T> value, bool ignoreCase, Span<T> output)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        int length = 0;
        bool blank = false;
        foreach (T item in value)
        {
            int c = int.CreateTruncating(item);
            if (c == ' ' || c is >= '\t' and <= '\r')
            {
                blank = length > 0;
                continue;
            }

            if (c is < ' ' or 0x7f)
            {
                continue; // section 2.2: other control characters are mapped to nothing
            }

            if (blank)
            {
                output[length++] = T.CreateTruncating(' ');
                blank = false;
            }

            output[length++] = T.CreateTruncating(ignoreCase && c is >= 'A' and <= 'Z' ? c | 0x20 : c);
        }

        if (length == 0 && value.Length > 0)
        {
            output[length++] = T.CreateTruncating(' ');
        }

        return length;
    }

    private static void Append(StringBuilder text, Rune rune, bool ignoreCase)
    {
        int c = rune.Value;
        bool blank = c is (>= '\t' and <= '\r') or 0x85
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
        if (blank)
        {
            if (text.Length > 0 && text[^1] != ' ')
            {
                text.Append(' ');
            }

            return;
        }

        // Section 2.2: soft hyphen, joiners, variation selectors, object replacement and other controls are mapped to nothing.
        if (c is 0x034f or (>= 0x180b and <= 0x180d) or (>= 0xfe00 and <= 0xfe0f) or 0xfffc
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format)
        {
            return;
        }

        Span<char> units = stackalloc char[2];
        int count = (ignoreCase ? Rune.ToLowerInvariant(rune) : rune).EncodeToUtf16(units);
        text.Append(units[..count]);
    }

    private static string Finish(StringBuilder text, bool blanksOnly)
    {
        if (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--;
        }

        return text.Length == 0 && blanksOnly ? " " : text.ToString();
    }
}
