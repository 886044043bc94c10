using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>What accepting a domain means (fact sheet 5.5).</summary>
public enum AcceptedDomainType
{
    /// <summary>Every recipient is known; mail for unknown ones is rejected.</summary>
    Authoritative,

    /// <summary>Shared with another system inside; every address is accepted and routed inside.</summary>
    InternalRelay,

    /// <summary>Relayed to a system outside the organization; every address is accepted.</summary>
    ExternalRelay,
}

/// <summary>A domain for which mail is accepted.</summary>
/// <param name="Name">A-labels in lower case; <c>*.example.com</c> stands for every subdomain, at any depth, without <c>example.com</c> itself.
/// Make one with <see cref="TryParse"/>, which checks and normalises.</param>
public sealed record AcceptedDomain(string Name, AcceptedDomainType Type) : ConfigurationObject
{
    /// <summary>Characters of <see cref="Title"/>: Exchange's limit for the name of the object (fact sheet 6.2).</summary>
    public const int MaxTitle = 64;

    /// <summary>Prefix of a domain that stands for its subdomains.</summary>
    public const string WildcardPrefix = "*.";

    /// <summary>What people call it: the name that Exchange gives the object beside its domain.</summary>
    public string? Title { get; init; }

    /// <summary>One accepted domain is the default: the postmaster's, for one. It has no wildcard.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Whether recipients are looked up; null: by the type.</summary>
    public bool? AddressBook { get; init; }

    /// <summary>Characters that part a mailbox from a detail in addresses of the domain (<see cref="Subaddress"/>); null: none does.</summary>
    public string? SubaddressDelimiter { get; init; }

    /// <summary>Recipients are looked up, and unknown ones rejected. Without a word about it: in authoritative domains (fact sheet 6.2).</summary>
    public bool IsLookedUp => AddressBook ?? Type == AcceptedDomainType.Authoritative;

    public bool IsWildcard => Name.StartsWith(WildcardPrefix, StringComparison.Ordinal);

    /// <param name="name">A domain as people write it: U-labels, upper case, with or without <see cref="WildcardPrefix"/>.</param>
    /// <param name="error">What is wrong with the name, ready for the user; null on success.</param>
    public static bool TryParse(string name, AcceptedDomainType type, [NotNullWhen(true)] out AcceptedDomain? domain, [NotNullWhen(false)] out string? error)
    {
        domain = null;
        ReadOnlySpan<char> text = name.AsSpan().Trim();
        bool wildcard = text.StartsWith(WildcardPrefix, StringComparison.Ordinal);
        if (!MailDomain.TryNormalize(wildcard ? text[WildcardPrefix.Length..] : text, out string normalized, out error))
        {
            return false;
        }

        if (wildcard && normalized.Length + WildcardPrefix.Length > MailDomain.MaxOctets)
        {
            error = $"domain '{name}' has more than {MailDomain.MaxOctets} octets";
            return false;
        }

        // No top-level domain is a number (RFC 3696 section 2): this is an address, or a slip of the pen.
        if (!normalized.AsSpan(normalized.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9'))
        {
            error = $"'{name}' is no domain: the last label of a domain is no number";
            return false;
        }

        domain = new AcceptedDomain(wildcard ? WildcardPrefix + normalized : normalized, type);
        return true;
    }

    /// <summary>What is wrong with the whole, or null.</summary>
    public static string? Check(AcceptedDomain domain) => domain is { IsDefault: true, IsWildcard: true }
        ? $"{domain.Name} stands for many domains and cannot be the default: mail of the postmaster needs one domain"
        : null;

    /// <summary>The type as directory and commands write it: <c>authoritative</c>, <c>internalRelay</c>, <c>externalRelay</c>.</summary>
    public static string TypeName(AcceptedDomainType type) => type switch
    {
        AcceptedDomainType.Authoritative => "authoritative",
        AcceptedDomainType.InternalRelay => "internalRelay",
        AcceptedDomainType.ExternalRelay => "externalRelay",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such type of accepted domain"),
    };

    /// <summary>The inverse of <see cref="TypeName"/>; case does not matter.</summary>
    public static bool TryParseType(string text, out AcceptedDomainType type)
    {
        foreach (AcceptedDomainType candidate in (ReadOnlySpan<AcceptedDomainType>)[AcceptedDomainType.Authoritative, AcceptedDomainType.InternalRelay, AcceptedDomainType.ExternalRelay])
        {
            if (string.Equals(TypeName(candidate), text, StringComparison.OrdinalIgnoreCase))
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }
}
