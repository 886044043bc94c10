using System.Buffers;
using System.Globalization;
using System.Text;
using Postern.Unicode;

namespace Postern.Ldap;

// RFC 4518 (complete): all six steps

/// <summary>
/// String preparation, RFC 4518: maps (section 2.2), normalises (2.3, form KC), refuses what is prohibited (2.4) and makes blanks
/// insignificant (2.6.1). The prepared text has no blank at its ends and single ones inside; text of blanks only becomes one blank.
/// </summary>
/// <remarks>
/// Tables of Unicode 14.0.0 in place of 3.2, which are the same for the letters that 3.2 has. Unassigned is what the runtime says is
/// unassigned. One blank inside stands for the two of section 2.6.1; nothing else differs by it.
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
        List<int> points = new(utf8.Length);
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune rune, out int used) != OperationStatus.Done || !TryMap(rune, ignoreCase, points))
            {
                return false;
            }

            utf8 = utf8[used..];
        }

        prepared = Encoding.UTF8.GetBytes(Finish(points, blanksOnly: true));
        return true;
    }

    /// <summary>As <see cref="TryPrepare"/>, into the caller's memory; for short ASCII only.</summary>
    /// <param name="prepared">At least as long as the text.</param>
    /// <returns>Its length, or -1 for all else.</returns>
    public static int PrepareShort(ReadOnlySpan<byte> text, bool ignoreCase, Span<byte> prepared) =>
        text.Length > 0 && text.Length <= prepared.Length && Ascii.IsValid(text) ? PrepareAscii(text, ignoreCase, prepared) : -1;

    /// <summary>As <see cref="TryPrepare"/>, for text that is known to be well-formed. The same instance when nothing changes.</summary>
    public static string Prepare(string value, bool ignoreCase)
    {
        if (Ascii.IsValid(value))
        {
            Span<char> buffer = value.Length <= StackChars ? stackalloc char[StackChars] : new char[value.Length];
            Span<char> prepared = buffer[..PrepareAscii(value.AsSpan(), ignoreCase, buffer)];
            return prepared.SequenceEqual(value) ? value : new string(prepared);
        }

        List<int> points = new(value.Length);
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (!TryMap(rune, ignoreCase, points))
            {
                points.Add(rune.Value); // names are not refused for their letters
            }
        }

        return Finish(points, value.Length > 0);
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

    /// <summary>Maps and decomposes one character.</summary>
    /// <returns>False when it is prohibited.</returns>
    private static bool TryMap(Rune rune, bool ignoreCase, List<int> points)
    {
        int c = rune.Value;
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (c is (>= '\t' and <= '\r') or 0x85 || category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        {
            points.Add(' ');
            return true;
        }

        if (IsMappedToNothing(c, category))
        {
            return true;
        }

        if (rune == Rune.ReplacementChar || category is UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)
        {
            return false; // non-characters are not assigned either
        }

        if (ignoreCase && UnicodeData.Shared.Fold(c) is { } folded)
        {
            foreach (int letter in folded)
            {
                UnicodeNormalization.Decompose(letter, compatibility: true, points);
            }
        }
        else
        {
            UnicodeNormalization.Decompose(c, compatibility: true, points);
        }

        return true;
    }

    /// <summary>Section 2.2: soft hyphen, joiners, variation selectors, object replacement and controls.</summary>
    private static bool IsMappedToNothing(int c, UnicodeCategory category) =>
        c is 0x034f or 0x1806 or (>= 0x180b and <= 0x180d) or (>= 0xfe00 and <= 0xfe0f) or 0xfffc
        || category is UnicodeCategory.Control or UnicodeCategory.Format;

    private static string Finish(List<int> points, bool blanksOnly)
    {
        UnicodeNormalization.Compose(points);
        StringBuilder text = new(points.Count);
        bool blank = false;
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < points.Count; i++)
        {
            if (points[i] == ' ' && !(i + 1 < points.Count && IsMark(points[i + 1])))
            {
                blank = text.Length > 0;
                continue;
            }

            if (blank)
            {
                text.Append(' ');
                blank = false;
            }

            text.Append(units[..new Rune(points[i]).EncodeToUtf16(units)]);
        }

        return text.Length == 0 && blanksOnly ? " " : text.ToString();
    }

    /// <summary>Section 2.6.1: a blank that carries a combining mark is no blank.</summary>
    private static bool IsMark(int point) => Rune.GetUnicodeCategory(new Rune(point))
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
