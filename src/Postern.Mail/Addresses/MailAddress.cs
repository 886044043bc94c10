using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postern.Mail;

/// <summary>
/// The normal form of an SMTP address: the one that is hashed and compared, on the hub and on the edge. docs/addresses.md says why each
/// rule is as it is.
/// </summary>
public static class MailAddress
{
    /// <summary>RFC 5321 section 4.5.3.1.1, octets of UTF-8.</summary>
    public const int MaxLocalPartOctets = 64;

    /// <summary>Local part, @ and domain: 64 + 1 + 255 octets of UTF-8.</summary>
    public const int MaxOctets = MaxLocalPartOctets + 1 + MailDomain.MaxOctets;

    private const string SmtpType = "smtp";

    // RFC 5322 section 3.2.3 (atext), in lower case, and the dot of a dot-atom: such a local part is already in normal form.
    private static readonly SearchValues<char> NormalAtom = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.");

    /// <param name="value">An address as directories and SMTP write it: <c>SMTP:Anna.Berg@Example.com</c>, <c>anna.berg@example.com</c>.</param>
    /// <param name="normalized">The normal form; empty when there is none.</param>
    /// <param name="error">Why there is none, ready for a report; null on success.</param>
    public static bool TryNormalize(string value, out string normalized, [NotNullWhen(false)] out string? error)
    {
        ReadOnlySpan<char> text = value.AsSpan().Trim();
        normalized = "";
        if (!TryStripType(ref text, out error))
        {
            return false;
        }

        // Only the last @ divides: one before it can stand in a quoted local part.
        int at = text.LastIndexOf('@');
        if (at < 0)
        {
            error = "the address has no @";
            return false;
        }

        if (text.Length > MaxOctets)
        {
            error = $"the address has more than {MaxOctets} octets";
            return false;
        }

        ReadOnlySpan<char> local = text[..at];
        if (!TryNormalizeLocalPart(local, out string? changed, out error)
            || !MailDomain.TryNormalize(text[(at + 1)..], out string domain, out error))
        {
            return false;
        }

        // The common case is an address that is in normal form as it stands: no new string then.
        normalized = changed is null && text.Length == value.Length && text[(at + 1)..].SequenceEqual(domain)
            ? value
            : string.Concat(changed is null ? local : changed, "@", domain);
        return true;
    }

    /// <summary>Whether a value says of itself that it is an address of another kind: <c>x500:/o=...</c>, <c>sip:anna@example.com</c>. Such values
    /// stand beside SMTP addresses in proxyAddresses and are nobody's mistake.</summary>
    public static bool IsOfOtherType(string value)
    {
        ReadOnlySpan<char> text = value.AsSpan().Trim();
        int colon = text.IndexOfAny(":@\"");
        return colon > 0 && text[colon] == ':' && !text[..colon].Equals(SmtpType, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Strips <c>smtp:</c> in any case, the type that Exchange writes before a proxy address (fact sheet 5.2). Another type is an error.</summary>
    private static bool TryStripType(ref ReadOnlySpan<char> text, [NotNullWhen(false)] out string? error)
    {
        error = null;
        int colon = text.IndexOfAny(":@\"");
        if (colon < 0 || text[colon] != ':')
        {
            return true;
        }

        ReadOnlySpan<char> type = text[..colon];
        if (!type.Equals(SmtpType, StringComparison.OrdinalIgnoreCase))
        {
            error = $"an address of type '{type}' is not an SMTP address";
            return false;
        }

        text = text[(colon + 1)..].Trim();
        return true;
    }

    /// <param name="normalized">Null when the local part is in normal form as it stands.</param>
    private static bool TryNormalizeLocalPart(ReadOnlySpan<char> local, out string? normalized, [NotNullWhen(false)] out string? error)
    {
        normalized = null;
        error = null;
        if (local.Length is 0 or > (2 * MaxLocalPartOctets) + 2)
        {
            // A quoted local part may be written with twice the characters and two quotes; anything longer cannot come out short enough.
            error = local.IsEmpty ? "the local part is empty" : $"the local part has more than {MaxLocalPartOctets} octets";
            return false;
        }

        if (local.ContainsAnyExcept(NormalAtom) || !IsDotted(local))
        {
            if (!TryReadLocalPart(local, out string content, out error))
            {
                return false;
            }

            content = UnicodeText.FoldedNfc(content);
            normalized = LocalPart.Write(content);
        }

        int octets = normalized is null ? local.Length : Encoding.UTF8.GetByteCount(normalized);
        if (octets > MaxLocalPartOctets)
        {
            error = $"the local part has {octets} octets; at most {MaxLocalPartOctets} are allowed";
            return false;
        }

        return true;
    }

    private static bool TryReadLocalPart(ReadOnlySpan<char> local, out string content, [NotNullWhen(false)] out string? error) =>
        local[0] == '"' ? LocalPart.TryUnquote(local, out content, out error) : LocalPart.TryReadAtoms(local, out content, out error);

    /// <summary>Atoms with single dots between, RFC 5321 section 4.1.2.</summary>
    private static bool IsDotted(ReadOnlySpan<char> local) =>
        local[0] != '.' && local[^1] != '.' && local.IndexOf("..", StringComparison.Ordinal) < 0;
}
