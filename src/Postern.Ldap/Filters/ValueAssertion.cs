using System.Globalization;
using System.Numerics;
using System.Text;

namespace Postern.Ldap;

internal enum ValueComparison
{
    Equal,
    GreaterOrEqual,
    LessOrEqual,

    /// <summary>What an ordering rule says by itself, RFC 4517 section 4.2.</summary>
    Less,
    BitAnd,
    BitOr,
}

/// <summary>An assertion value in its normal form, ready to be held against an attribute's values.</summary>
internal readonly struct ValueAssertion
{
    /// <summary>Values up to here are prepared on the stack.</summary>
    private const int ShortBytes = 256;

    private readonly MatchingRule _rule;
    private readonly ValueComparison _comparison;
    private readonly byte[] _normal;
    private readonly BigInteger _bits;
    private readonly DirectorySchema _schema;

    private ValueAssertion(MatchingRule rule, ValueComparison comparison, byte[] normal, BigInteger bits, DirectorySchema schema)
    {
        _rule = rule;
        _comparison = comparison;
        _normal = normal;
        _bits = bits;
        _schema = schema;
    }

    /// <returns>False when the rule has no such comparison or the value is not of its syntax: undefined.</returns>
    public static bool TryCreate(MatchingRule rule, ReadOnlySpan<byte> value, ValueComparison comparison, DirectorySchema schema, out ValueAssertion assertion)
    {
        assertion = default;
        if (rule == MatchingRule.None || !MatchingRules.TryNormalize(rule, value, out byte[] normal)
            || (comparison != ValueComparison.Equal && !MatchingRules.IsOrdered(rule)))
        {
            return false;
        }

        BigInteger bits = default;
        if (comparison is ValueComparison.BitAnd or ValueComparison.BitOr && !TryReadBits(value, out bits))
        {
            return false;
        }

        assertion = new ValueAssertion(rule, comparison, rule == MatchingRule.ObjectIdentifier ? Canonical(normal, schema) : normal, bits, schema);
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

        if (_comparison is ValueComparison.BitAnd or ValueComparison.BitOr)
        {
            return TryReadBits(value, out BigInteger bits) && (_comparison == ValueComparison.BitAnd ? (bits & _bits) == _bits : !(bits & _bits).IsZero);
        }

        if (_rule is MatchingRule.CaseIgnore or MatchingRule.CaseIgnoreIA5 or MatchingRule.CaseExact or MatchingRule.CaseExactIA5)
        {
            // Most values are short and ASCII: compared without an array for each.
            Span<byte> prepared = stackalloc byte[ShortBytes];
            int length = StringPreparation.PrepareShort(value, _rule is MatchingRule.CaseIgnore or MatchingRule.CaseIgnoreIA5, prepared);
            if (length >= 0)
            {
                return Holds(((ReadOnlySpan<byte>)prepared[..length]).SequenceCompareTo(_normal));
            }
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
        ValueComparison.Less => order < 0,
        _ => order == 0,
    };

    /// <summary>A number as bits. Those of Active Directory have 64; longer ones are no bit fields.</summary>
    private static bool TryReadBits(ReadOnlySpan<byte> value, out BigInteger bits)
    {
        const int MaxDigits = 20;
        bits = default;
        return value.Length <= MaxDigits
            && BigInteger.TryParse(Encoding.UTF8.GetString(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out bits);
    }

    /// <summary>The OID of a name that the schema knows: <c>person</c> and <c>2.5.6.6</c> are the same value.</summary>
    private static byte[] Canonical(byte[] normal, DirectorySchema schema)
    {
        string text = Encoding.ASCII.GetString(normal);
        string? oid = schema.FindClass(text)?.Oid ?? schema.FindAttribute(text)?.Oid;
        return oid is null ? normal : Encoding.ASCII.GetBytes(oid);
    }
}
