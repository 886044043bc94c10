using System.Diagnostics.CodeAnalysis;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>Names of nodes and of the accounts made from them. They become parts of DNs and of file names, so their letters are few.</summary>
public static class EdgeNames
{
    /// <summary>RFC 1035 section 2.3.4.</summary>
    private const int MaxLabel = 63;

    /// <summary>RFC 1035 section 2.3.4, less the root.</summary>
    private const int MaxName = 253;

    /// <summary>The numbers at the end of replication accounts go from 0 to here. Ours; the range in Exchange is not known.</summary>
    public const int MaxAccountNumber = 9;

    private const string AccountPrefix = "ESRA.";

    private const string ReplicationPrefix = "ESRA.edge.";

    /// <summary>The name of a bootstrap account (fact sheet 3.1): <c>ESRA.</c> and the edge's name.</summary>
    public static string BootstrapAccount(string edgeName) => AccountPrefix + edgeName;

    /// <summary>The name of a replication account (fact sheet 3.1): <c>ESRA.edge.</c>, the hub's name and a number.</summary>
    public static string ReplicationAccount(string hubName, int number) => $"{ReplicationPrefix}{hubName}.{number}";

    /// <summary>The hub in a replication account's name; false when it is no such name.</summary>
    public static bool TryGetHub(string account, out string hubName)
    {
        hubName = "";
        int dot = account.LastIndexOf('.');
        if (!account.StartsWith(ReplicationPrefix, StringComparison.OrdinalIgnoreCase)
            || dot <= ReplicationPrefix.Length
            || account.Length != dot + 2
            || !char.IsAsciiDigit(account[^1]))
        {
            return false;
        }

        hubName = account[ReplicationPrefix.Length..dot];
        return IsLabel(hubName, out _);
    }

    /// <summary>The first label of a fully qualified name.</summary>
    public static string ShortName(string fqdn) => fqdn.Split('.')[0];

    /// <summary>Letters, digits and hyphens, RFC 1123 section 2.1.</summary>
    public static bool IsLabel(string text, [NotNullWhen(false)] out string? error)
    {
        bool good = text.Length is > 0 and <= MaxLabel
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && text[0] != '-'
            && text[^1] != '-';
        error = good ? null : $"'{text}' is not a name: 1 to {MaxLabel} letters, digits and hyphens are, not beginning or ending with a hyphen";
        return good;
    }

    public static bool IsHostName(string text, [NotNullWhen(false)] out string? error)
    {
        bool good = text.Length is > 0 and <= MaxName && text.Split('.').All(label => IsLabel(label, out _));
        error = good ? null : $"'{text}' is not a host name such as edge1.example.net";
        return good;
    }
}
