using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postern.Mail;

/// <summary>Reads and writes the two forms of a local part, RFC 5321 section 4.1.2: dot-string and quoted-string.</summary>
internal static class LocalPart
{
    // RFC 5322 section 3.2.3 (specials, less the dot) and the blank: these need quotes.
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create("()<>[]:;@\\,\" ");

    /// <summary>The content of <c>"..."</c> without quotes and backslashes.</summary>
    public static bool TryUnquote(ReadOnlySpan<char> quoted, out string content, [NotNullWhen(false)] out string? error)
    {
        content = "";
        StringBuilder text = new(quoted.Length);
        int i = 1;
        for (; i < quoted.Length && quoted[i] != '"'; i++)
        {
            if (quoted[i] == '\\' && ++i == quoted.Length)
            {
                break;
            }

            if (char.IsControl(quoted[i]))
            {
                error = "the local part has a control character";
                return false;
            }

            text.Append(quoted[i]);
        }

        if (i != quoted.Length - 1 || text.Length == 0)
        {
            error = text.Length == 0 ? "the local part is empty" : "the quoted local part does not end where the domain begins";
            return false;
        }

        content = text.ToString();
        return IsWellFormed(content, out error);
    }

    /// <summary>A dot-string. Dots at the ends or in a row are let through: such mailboxes exist (docs/addresses.md).</summary>
    public static bool TryReadAtoms(ReadOnlySpan<char> local, out string content, [NotNullWhen(false)] out string? error)
    {
        content = local.ToString();
        foreach (char c in local)
        {
            if (char.IsControl(c) || NeedsQuotes.Contains(c))
            {
                error = char.IsControl(c) ? "the local part has a control character" : $"the local part has '{c}' outside quotes";
                return false;
            }
        }

        return IsWellFormed(content, out error);
    }

    /// <summary>The shortest way to write the content: bare when it is a dot-string, else quoted with as few backslashes as can be.</summary>
    public static string Write(string content)
    {
        bool bare = content[0] != '.' && content[^1] != '.' && !content.Contains("..", StringComparison.Ordinal) && !content.AsSpan().ContainsAny(NeedsQuotes);
        return bare ? content : $"\"{content.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    private static bool IsWellFormed(string content, [NotNullWhen(false)] out string? error)
    {
        error = UnicodeText.IsWellFormed(content) ? null : "the local part is not valid Unicode";
        return error is null;
    }
}
