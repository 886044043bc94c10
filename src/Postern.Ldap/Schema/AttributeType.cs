namespace Postern.Ldap;

/// <summary>Attribute type description, RFC 4512 section 4.1.2, as far as Postern needs it.</summary>
public sealed record AttributeType(string Name, string Oid, MatchingRule Equality)
{
    /// <summary>All names; the first is <see cref="Name"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [Name];

    /// <summary>Name of the supertype, or empty.</summary>
    public string Superior { get; init; } = "";

    /// <summary>What <c>&gt;=</c> and <c>&lt;=</c> compare by; <see cref="MatchingRule.None"/> makes them undefined.</summary>
    public MatchingRule Ordering { get; init; } = MatchingRules.IsOrdered(Equality) ? Equality : MatchingRule.None;

    /// <summary>What <c>*</c> in a filter compares by; <see cref="MatchingRule.None"/> makes it undefined.</summary>
    public MatchingRule Substrings { get; init; } = MatchingRules.HasSubstrings(Equality) ? Equality : MatchingRule.None;

    public bool SingleValue { get; init; }

    /// <summary>Returned only on request (by name or <c>+</c>).</summary>
    public bool Operational { get; init; }

    /// <summary>Maintained by the directory; a user's attempt is constraintViolation.</summary>
    public bool NoUserModification { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Syntax OID, RFC 4517 section 3.3.</summary>
    public string Syntax => Equality switch
    {
        MatchingRule.OctetString or MatchingRule.None => "1.3.6.1.4.1.1466.115.121.1.40",
        MatchingRule.DistinguishedName => "1.3.6.1.4.1.1466.115.121.1.12",
        MatchingRule.Integer => "1.3.6.1.4.1.1466.115.121.1.27",
        MatchingRule.Boolean => "1.3.6.1.4.1.1466.115.121.1.7",
        MatchingRule.GeneralizedTime => "1.3.6.1.4.1.1466.115.121.1.24",
        MatchingRule.ObjectIdentifier => "1.3.6.1.4.1.1466.115.121.1.38",
        MatchingRule.Uuid => "1.3.6.1.1.16.1",
        _ => "1.3.6.1.4.1.1466.115.121.1.15",
    };
}
