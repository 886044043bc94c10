using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>The normal form of a mail domain: A-labels (RFC 5890) in lower case. See docs/addresses.md.</summary>
public static class MailDomain
{
    /// <summary>RFC 5321 section 4.5.3.1.2, octets of the A-label form.</summary>
    public const int MaxOctets = 255;

    /// <summary>RFC 1035 section 2.3.4, octets.</summary>
    public const int MaxLabelOctets = 63;

    // '_' is no letter of a host name (RFC 952), but domains with it exist in real directories and Postfix accepts them.
    private static readonly SearchValues<char> NormalOctets = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    // IDNA: not STD3, because the characters are checked here, with '_' let through.
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    /// <param name="domain">A domain without blanks around it; one dot at the end (the root) is dropped.</param>
    /// <param name="error">What is wrong, ready for the user; null on success.</param>
    public static bool TryNormalize(ReadOnlySpan<char> domain, out string normalized, [NotNullWhen(false)] out string? error)
    {
        normalized = "";
        if (domain.Length > 0 && domain[^1] == '.')
        {
            domain = domain[..^1];
        }

        if (domain.IsEmpty)
        {
            error = "the domain is empty";
            return false;
        }

        // A U-label is never longer in characters than its A-label in octets, so this bounds the work below.
        if (domain.Length > MaxOctets)
        {
            error = $"the domain has more than {MaxOctets} octets";
            return false;
        }

        if (domain[0] == '[')
        {
            error = $"'{domain}' is an address literal, not a domain";
            return false;
        }

        return domain.ContainsAnyExcept(NormalOctets)
            ? TryConvert(domain, out normalized, out error)
            : TryCheck(domain, domain.ToString(), out normalized, out error);
    }

    private static bool TryConvert(ReadOnlySpan<char> domain, out string normalized, [NotNullWhen(false)] out string? error)
    {
        normalized = "";
        if (!UnicodeText.IsWellFormed(domain))
        {
            error = $"the domain '{domain}' is not valid Unicode";
            return false;
        }

        string lower = UnicodeText.FoldedNfc(domain);
        try
        {
            // Upper case may hide in the ASCII of a label, so fold again what comes out.
            lower = Idn.GetAscii(lower).ToLowerInvariant();
        }
        catch (ArgumentException e)
        {
            error = $"the domain '{domain}' is not valid: {e.Message.Split(" (Parameter", 2)[0]}";
            return false;
        }

        return TryCheck(domain, lower, out normalized, out error);
    }

    private static bool TryCheck(ReadOnlySpan<char> written, string domain, out string normalized, [NotNullWhen(false)] out string? error)
    {
        normalized = "";
        error = null;
        int bad = domain.AsSpan().IndexOfAnyExcept(NormalOctets);
        if (bad >= 0)
        {
            error = $"the domain '{written}' has a character that no domain has: '{domain[bad]}'";
        }
        else if (domain.Length > MaxOctets)
        {
            error = $"the domain '{written}' has more than {MaxOctets} octets";
        }
        else
        {
            foreach (Range range in domain.AsSpan().Split('.'))
            {
                ReadOnlySpan<char> label = domain.AsSpan(range);
                if (label.Length is 0 or > MaxLabelOctets)
                {
                    error = $"the domain '{written}' has a label of {label.Length} octets; 1 to {MaxLabelOctets} are allowed";
                    break;
                }

                if (label[0] == '-' || label[^1] == '-')
                {
                    error = $"the domain '{written}' has a label that begins or ends with '-'";
                    break;
                }
            }
        }

        if (error is not null)
        {
            return false;
        }

        normalized = domain;
        return true;
    }
}
