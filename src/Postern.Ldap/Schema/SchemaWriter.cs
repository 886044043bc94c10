using System.Text;

namespace Postern.Ldap;

/// <summary>Descriptions of schema elements as text, RFC 4512 section 4.1.</summary>
public static class SchemaWriter
{
    /// <summary>AttributeTypeDescription, section 4.1.2. What the supertype says is not said again.</summary>
    public static string Describe(AttributeType type, DirectorySchema schema)
    {
        AttributeType? superior = type.Superior.Length == 0 ? null : schema.FindAttribute(type.Superior);
        StringBuilder text = Begin(type.Oid, type.Names, type.Description, type.Obsolete);
        text.Append(superior is null ? "" : $" SUP {superior.Name}");
        AppendRule(text, "EQUALITY", type.EqualityRule, superior?.EqualityRule);
        AppendRule(text, "ORDERING", type.OrderingRule, superior?.OrderingRule);
        AppendRule(text, "SUBSTR", type.SubstringsRule, superior?.SubstringsRule);
        text.Append(type.Syntax == superior?.Syntax ? "" : $" SYNTAX {type.Syntax}");
        text.Append(type.SingleValue ? " SINGLE-VALUE" : "").Append(type.Collective ? " COLLECTIVE" : "");
        text.Append(type.NoUserModification ? " NO-USER-MODIFICATION" : "");
        text.Append(type.Usage switch
        {
            AttributeUsage.DirectoryOperation => " USAGE directoryOperation",
            AttributeUsage.DistributedOperation => " USAGE distributedOperation",
            AttributeUsage.DsaOperation => " USAGE dSAOperation",
            _ => "",
        });
        return text.Append(" )").ToString();
    }

    /// <summary>ObjectClassDescription, section 4.1.1.</summary>
    public static string Describe(ObjectClass objectClass)
    {
        StringBuilder text = Begin(objectClass.Oid, objectClass.Names, objectClass.Description, objectClass.Obsolete);
        AppendNames(text, "SUP", objectClass.Superiors);
        text.Append(' ').Append(objectClass.Kind.ToString().ToUpperInvariant());
        AppendNames(text, "MUST", objectClass.Must);
        AppendNames(text, "MAY", objectClass.May);
        return text.Append(" )").ToString();
    }

    /// <summary>MatchingRuleDescription, section 4.1.3.</summary>
    public static string Describe(MatchingRuleDefinition rule) => $"( {rule.Oid} NAME '{rule.Name}' SYNTAX {rule.Syntax} )";

    /// <summary>MatchingRuleUseDescription, section 4.1.4; null when no type has use for the rule.</summary>
    public static string? DescribeUse(MatchingRuleDefinition rule, DirectorySchema schema)
    {
        string[] types = [.. schema.Attributes.Where(rule.AppliesTo).Select(a => a.Name)];
        if (types.Length == 0)
        {
            return null;
        }

        StringBuilder text = new($"( {rule.Oid} NAME '{rule.Name}'");
        AppendNames(text, "APPLIES", types);
        return text.Append(" )").ToString();
    }

    /// <summary>SyntaxDescription, section 4.1.5.</summary>
    public static string DescribeSyntax(string oid) => $"( {oid} DESC '{Syntaxes.NameOf(oid)}' )";

    private static StringBuilder Begin(string oid, IReadOnlyList<string> names, string description, bool obsolete)
    {
        StringBuilder text = new($"( {oid} NAME ");
        if (names.Count == 1)
        {
            text.Append('\'').Append(names[0]).Append('\'');
        }
        else
        {
            text.Append("( ").AppendJoin(' ', names.Select(n => $"'{n}'")).Append(" )");
        }

        if (description.Length > 0)
        {
            text.Append(" DESC '").Append(description.Replace("\\", "\\5C", StringComparison.Ordinal).Replace("'", "\\27", StringComparison.Ordinal)).Append('\'');
        }

        return text.Append(obsolete ? " OBSOLETE" : "");
    }

    private static void AppendRule(StringBuilder text, string word, MatchingRuleDefinition? rule, MatchingRuleDefinition? inherited)
    {
        if (rule is not null && rule != inherited)
        {
            text.Append(' ').Append(word).Append(' ').Append(rule.Name);
        }
    }

    private static void AppendNames(StringBuilder text, string word, IReadOnlyList<string> names)
    {
        if (names.Count == 1)
        {
            text.Append(' ').Append(word).Append(' ').Append(names[0]);
        }
        else if (names.Count > 1)
        {
            text.Append(' ').Append(word).Append(" ( ").AppendJoin(" $ ", names).Append(" )");
        }
    }
}
