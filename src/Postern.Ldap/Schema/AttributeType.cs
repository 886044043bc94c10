namespace Postern.Ldap;

/// <summary>Who uses an attribute, RFC 4512 section 4.1.2.</summary>
public enum AttributeUsage
{
    UserApplications,
    DirectoryOperation,
    DistributedOperation,
    DsaOperation,
}

/// <summary>Attribute type description, RFC 4512 section 4.1.2. What the supertype gives is filled in.</summary>
/// <param name="Name">The first of its names.</param>
/// <param name="Equality">The kind of its equality rule.</param>
public sealed record AttributeType(string Name, string Oid, MatchingRule Equality)
{
    /// <summary>All names; the first is <see cref="Name"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [Name];

    /// <summary>Name of the supertype, or empty.</summary>
    public string Superior { get; init; } = "";

    /// <summary>EQUALITY, or null.</summary>
    public MatchingRuleDefinition? EqualityRule { get; init; } = MatchingRuleDefinition.Find(Equality, MatchingUse.Equality);

    /// <summary>ORDERING; null makes <c>&gt;=</c> and <c>&lt;=</c> undefined. A type made in code has the one of its equality's kind.</summary>
    public MatchingRuleDefinition? OrderingRule { get; init; } = MatchingRuleDefinition.Find(OrderedKind(Equality), MatchingUse.Ordering);

    /// <summary>SUBSTR; null makes <c>*</c> in a filter undefined.</summary>
    public MatchingRuleDefinition? SubstringsRule { get; init; } = MatchingRuleDefinition.Find(Equality, MatchingUse.Substrings);

    /// <summary>Syntax OID, RFC 4517 section 3.3.</summary>
    public string Syntax { get; init; } = MatchingRuleDefinition.Find(Equality, MatchingUse.Equality)?.Syntax ?? Syntaxes.OctetString;

    public bool SingleValue { get; init; }

    /// <summary>RFC 3671; the word is kept, no type of ours is.</summary>
    public bool Collective { get; init; }

    public bool Obsolete { get; init; }

    public AttributeUsage Usage { get; init; }

    /// <summary>Returned only on request (by name or <c>+</c>).</summary>
    public bool Operational
    {
        get => Usage != AttributeUsage.UserApplications;
        init => Usage = value ? AttributeUsage.DirectoryOperation : AttributeUsage.UserApplications;
    }

    /// <summary>Maintained by the directory; a user's attempt is constraintViolation.</summary>
    public bool NoUserModification { get; init; }

    public string Description { get; init; } = "";

    /// <summary>What <c>&gt;=</c> and <c>&lt;=</c> compare by.</summary>
    public MatchingRule Ordering => OrderingRule?.Kind ?? MatchingRule.None;

    /// <summary>What <c>*</c> in a filter compares by.</summary>
    public MatchingRule Substrings => SubstringsRule?.Kind ?? MatchingRule.None;

    private static MatchingRule OrderedKind(MatchingRule equality) => equality switch
    {
        MatchingRule.CaseIgnoreIA5 => MatchingRule.CaseIgnore,
        MatchingRule.CaseExactIA5 => MatchingRule.CaseExact,
        _ => equality,
    };
}
