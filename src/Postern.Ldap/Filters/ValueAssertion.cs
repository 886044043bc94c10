using System.Text;

namespace Postern.Ldap;

internal enum ValueComparison
{
    Equal,
    GreaterOrEqual,
    LessOrEqual,
}

/// <summary>An assertion value in its normal form, ready to be held against an attribute's values.</summary>
internal readonly struct ValueAssertion
{
    private readonly MatchingRule _rule;
    private readonly ValueComparison _comparison;
    private readonly byte[] _normal;
    private readonly DirectorySchema _schema;

    private ValueAssertion(MatchingRule rule, ValueComparison comparison, byte[] normal, DirectorySchema schema)
    {
        _rule = rule;
        _comparison = comparison;
        _normal = normal;
        _schema = schema;
    }

    /// <returns>False when the rule has no such comparison or the value is not of its syntax: undefined.</returns>
    public static bool TryCreate(MatchingRule rule, ReadOnlySpan<byte> value, ValueComparison comparison, DirectorySchema schema, out ValueAssertion assertion)
    {
        assertion = default;
        if (rule == MatchingRule.None || (comparison != ValueComparison.Equal && !MatchingRules.IsOrdered(rule))
            || !MatchingRules.TryNormalize(rule, value, out byte[] normal))
        {
            return false;
        }

        assertion = new ValueAssertion(rule, comparison, rule == MatchingRule.ObjectIdentifier ? Canonical(normal, schema) : normal, schema);
        return true;
    }

    public bool MatchesAny(IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (Matches(values[i].Span))
            {
                return true;
            }
        }

        return false;
    }

    public bool Matches(ReadOnlySpan<byte> value)
    {
        if (_rule == MatchingRule.OctetString)
        {
            return Holds(value.SequenceCompareTo(_normal));
        }

        if (!MatchingRules.TryNormalize(_rule, value, out byte[] normal))
        {
            return false; // a stored value against the schema matches nothing
        }

        if (_rule == MatchingRule.ObjectIdentifier && !normal.AsSpan().SequenceEqual(_normal))
        {
            normal = Canonical(normal, _schema);
        }

        return Holds(normal.AsSpan().SequenceCompareTo(_normal));
    }

    private bool Holds(int order) => _comparison switch
    {
        ValueComparison.GreaterOrEqual => order >= 0,
        ValueComparison.LessOrEqual => order <= 0,
        _ => order == 0,
    };

    /// <summary>The OID of a name that the schema knows: <c>person</c> and <c>2.5.6.6</c> are the same value.</summary>
    private static byte[] Canonical(byte[] normal, DirectorySchema schema)
    {
        string text = Encoding.ASCII.GetString(normal);
        string? oid = schema.FindClass(text)?.Oid ?? schema.FindAttribute(text)?.Oid;
        return oid is null ? normal : Encoding.ASCII.GetBytes(oid);
    }
}
