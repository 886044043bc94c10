using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>Text that people wrote for people: names, comments.</summary>
internal static class PlainText
{
    /// <summary>Blanks around it are dropped; control characters and half characters are refused.</summary>
    public static bool TryRead(string text, int maxCharacters, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        value = text.Trim();
        error = value.Length == 0 ? "the text is empty"
            : value.Length > maxCharacters ? string.Create(CultureInfo.InvariantCulture, $"the text has {value.Length} characters; at most {maxCharacters} are allowed")
            : !UnicodeText.IsWellFormed(value) ? "the text is not valid Unicode"
            : value.Any(char.IsControl) ? "the text has a control character, such as a line end"
            : null;
        value = error is null ? value : null;
        return error is null;
    }
}
