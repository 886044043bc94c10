namespace Postern.Mail;

/// <summary>Case folding and normalisation of text that is not ASCII.</summary>
internal static class UnicodeText
{
    /// <summary>Lower case by the simple mappings of Unicode, whatever the machine's language is.</summary>
    public static string FoldedNfc(ReadOnlySpan<char> text)
    {
        return text.ToString().ToLowerInvariant();
    }
}
