using System.Diagnostics.CodeAnalysis;

namespace Postern.Certificates;

/// <summary>The services of a certificate as people write and read them.</summary>
public static class MailServicesText
{
    /// <summary>Letter of each service in the mask. I, P, W and S are Exchange's (fact sheet 7.2); L, E and A are ours.</summary>
    private static readonly (MailServices Service, char Letter, string Word)[] Table =
    [
        (MailServices.Imap, 'I', "imap"), (MailServices.Pop, 'P', "pop"), (MailServices.Https, 'W', "https"), (MailServices.Smtp, 'S', "smtp"),
        (MailServices.Ldaps, 'L', "ldaps"), (MailServices.EdgeSync, 'E', "edgesync"), (MailServices.Auth, 'A', "auth"),
    ];

    /// <summary>What <c>--services</c> may name.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Table.Where(one => one.Service != MailServices.Auth).Select(one => one.Word)];

    /// <summary>One character each, <c>.</c> for those that it is not bound to: <c>IP.S...</c>.</summary>
    public static string Mask(MailServices services) => string.Concat(Table.Select(one => services.HasFlag(one.Service) ? one.Letter : '.'));

    /// <summary>E.g. <c>["imap", "smtp"]</c>; empty for none.</summary>
    public static IReadOnlyList<string> ToWords(MailServices services) => [.. Table.Where(one => services.HasFlag(one.Service)).Select(one => one.Word)];

    /// <summary>Words, separated by commas or blanks; <c>iis</c> is taken for <c>https</c>.</summary>
    public static bool TryParse(string text, out MailServices services, [NotNullWhen(false)] out string? error)
    {
        services = MailServices.None;
        foreach (string word in text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string known = word.Equals("iis", StringComparison.OrdinalIgnoreCase) ? "https" : word;
            (MailServices service, _, string found) = Table.FirstOrDefault(one => one.Word.Equals(known, StringComparison.OrdinalIgnoreCase));
            if (found is null || service == MailServices.Auth)
            {
                error = $"'{word}' is no service; {string.Join(", ", Words)} are";
                return false;
            }

            services |= service;
        }

        error = services == MailServices.None ? $"no service is named; {string.Join(", ", Words)} are" : null;
        return error is null;
    }
}
