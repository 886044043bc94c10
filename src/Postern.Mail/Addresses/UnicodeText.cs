using System.Text;
using Postern.Unicode;

namespace Postern.Mail;

/// <summary>Case folding and normalisation of text that is not ASCII.</summary>
internal static class UnicodeText
{
    // No character below is changed by normalisation form C, or joins with another one below.
    private const char FirstCombining = '\u0300';

    /// <summary>Lower case by the simple mappings of Unicode, whatever the machine's language is, in normalisation form C.</summary>
    /// <param name="text">Valid UTF-16.</param>
    public static string FoldedNfc(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange(FirstCombining, char.MaxValue))
        {
            return text.ToString().ToLowerInvariant();
        }

        // Composed first, because lower case is defined on whole letters; then again, because a letter in lower case may compose.
        return UnicodeNormalization.C(UnicodeNormalization.C(text.ToString()).ToLowerInvariant());
    }

    /// <summary>False for half a surrogate pair, and for U+FFFD: it stands where octets could not be read, so texts that differ would look
    /// the same and be hashed the same.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A lone surrogate is enumerated as U+FFFD too.
            if (rune == Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }
}
