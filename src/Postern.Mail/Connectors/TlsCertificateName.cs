using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>Which certificate a connector shows, by issuer and subject (fact sheet 7.7): <c>&lt;I&gt;issuer&lt;S&gt;subject</c>. It
/// survives a renewal as long as both stay.</summary>
public sealed record TlsCertificateName(string Issuer, string Subject)
{
    /// <summary>Characters of the whole. Ours.</summary>
    public const int MaxLength = 1024;

    private const string IssuerMark = "<I>";

    private const string SubjectMark = "<S>";

    /// <summary>Letter case of the marks does not matter.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TlsCertificateName? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        if (!PlainText.TryRead(text, MaxLength, out string? written, out error))
        {
            return false;
        }

        int subject = written.IndexOf(SubjectMark, StringComparison.OrdinalIgnoreCase);
        if (!written.StartsWith(IssuerMark, StringComparison.OrdinalIgnoreCase) || subject < 0)
        {
            error = $"'{text}' is not the name of a certificate: {IssuerMark}issuer{SubjectMark}subject is";
            return false;
        }

        string issuer = written[IssuerMark.Length..subject].Trim();
        string rest = written[(subject + SubjectMark.Length)..].Trim();
        error = issuer.Length == 0 ? $"'{text}' names no issuer after {IssuerMark}" : rest.Length == 0 ? $"'{text}' names no subject after {SubjectMark}" : null;
        name = error is null ? new TlsCertificateName(issuer, rest) : null;
        return error is null;
    }

    public override string ToString() => $"{IssuerMark}{Issuer}{SubjectMark}{Subject}";
}
