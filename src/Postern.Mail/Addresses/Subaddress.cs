using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>
/// Details in addresses (RFC 5233): <c>anna+list@</c> is delivered to <c>anna@</c> where the mail host inside does so. Which characters part
/// mailbox and detail is a setting of the accepted domain; without it nothing is parted.
/// </summary>
public static class Subaddress
{
    /// <summary>Characters of one domain's setting; mail hosts use one or two.</summary>
    public const int MaxDelimiters = 4;

    // RFC 5322 section 3.2.3 (atext) without letters and digits: what can stand in a local part without quotes.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("!#$%&'*+-/=?^_`{|}~");

    /// <param name="delimiters">Each of its characters parts; the order does not matter.</param>
    /// <param name="error">What is wrong, ready for the user; null on success.</param>
    public static bool IsDelimiter(string delimiters, [NotNullWhen(false)] out string? error)
    {
        error = delimiters.Length is 0 or > MaxDelimiters || delimiters.AsSpan().ContainsAnyExcept(Allowed)
            ? $"'{delimiters}' does not part mailbox and detail: 1 to {MaxDelimiters} characters of !#$%&'*+-/=?^_`{{|}}~ are expected, such as +"
            : null;
        return error is null;
    }

    /// <summary>The address without its detail, in normal form; false when it has none. The first delimiter parts, unless it begins the
    /// local part.</summary>
    /// <param name="normalized">As <see cref="MailAddress.TryNormalize"/> made it.</param>
    public static bool TryStrip(string normalized, ReadOnlySpan<char> delimiters, out string mailbox)
    {
        mailbox = "";
        int at = normalized.LastIndexOf('@');
        ReadOnlySpan<char> local = normalized.AsSpan(0, at);
        string content = local.ToString();
        if (local[0] == '"' && !LocalPart.TryUnquote(local, out content, out _))
        {
            return false;
        }

        int delimiter = content.AsSpan().IndexOfAny(delimiters);
        if (delimiter <= 0)
        {
            return false;
        }

        mailbox = string.Concat(LocalPart.Write(content[..delimiter]), normalized.AsSpan(at));
        return true;
    }
}
