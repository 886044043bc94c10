using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>Domains that a send connector serves, and at what cost (fact sheet 2.6): <c>SMTP:example.com;1</c>.</summary>
/// <param name="Domain">A-labels in lower case; <c>*.example.com</c> all its subdomains; <c>*</c> everything; <c>--</c> all authoritative and
/// internal-relay accepted domains.</param>
/// <param name="Cost">1 to 100, the lower is preferred.</param>
public sealed record AddressSpace(string Domain, int Cost)
{
    public const string Everything = "*";

    /// <summary>All authoritative and internal-relay accepted domains.</summary>
    public const string OwnDomains = "--";

    public const int LeastCost = 1;

    public const int MostCost = 100;

    private const string Smtp = "SMTP";

    /// <param name="text">With or without type and cost.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressSpace? space, [NotNullWhen(false)] out string? error)
    {
        space = null;
        string rest = text.Trim();
        int cost = LeastCost;
        int semicolon = rest.IndexOf(';', StringComparison.Ordinal);
        if (semicolon >= 0)
        {
            if (!int.TryParse(rest.AsSpan(semicolon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out cost) || cost is < LeastCost or > MostCost)
            {
                error = $"the cost '{rest[(semicolon + 1)..]}' of address space '{text}' is not a number from {LeastCost} to {MostCost}";
                return false;
            }

            rest = rest[..semicolon].TrimEnd();
        }

        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            if (!rest.AsSpan(0, colon).Trim().Equals(Smtp, StringComparison.OrdinalIgnoreCase))
            {
                error = $"address space '{text}' is of type '{rest[..colon]}'; only SMTP is known";
                return false;
            }

            rest = rest[(colon + 1)..].TrimStart();
        }

        if (rest is Everything or OwnDomains)
        {
            space = new AddressSpace(rest, cost);
            error = null;
            return true;
        }

        if (!AcceptedDomain.TryParse(rest, default, out AcceptedDomain? domain, out error))
        {
            error = $"address space '{text}': {error}";
            return false;
        }

        space = new AddressSpace(domain.Name, cost);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Smtp}:{Domain};{Cost}");
}
