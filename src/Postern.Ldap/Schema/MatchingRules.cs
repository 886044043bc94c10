using System.Buffers.Binary;
using System.Text;

namespace Postern.Ldap;

// RFC 4517 (partial): the rules and syntaxes that the schema uses; each is listed in the subschema

/// <summary>Normal forms of values, RFC 4517 section 4.2: two values match exactly when their normal forms are the same octets.</summary>
public static class MatchingRules
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The normal form of <paramref name="value"/>. Octet order of normal forms is the order of values for texts, octets, UUIDs,
    /// <see cref="MatchingRule.Integer"/> and <see cref="MatchingRule.GeneralizedTime"/>.
    /// </summary>
    /// <returns>False when the value is not of the rule's syntax.</returns>
    public static bool TryNormalize(MatchingRule rule, ReadOnlySpan<byte> value, out byte[] normal)
    {
        switch (rule)
        {
            case MatchingRule.None:
            case MatchingRule.OctetString:
                normal = value.ToArray();
                return true;
            case MatchingRule.CaseIgnore:
            case MatchingRule.CaseExact:
                normal = [];
                return value.Length > 0 // RFC 4517 section 3.3.6: a Directory String is not empty
                    && StringPreparation.TryPrepare(value, rule == MatchingRule.CaseIgnore, out normal);
            case MatchingRule.DistinguishedName: return TryNormalizeDn(value, out normal);
            case MatchingRule.Integer: return TryNormalizeInteger(value, out normal);
            case MatchingRule.Boolean: return TryNormalizeBoolean(value, out normal);
            case MatchingRule.GeneralizedTime: return GeneralizedTimeRule.TryNormalize(value, out normal);
            case MatchingRule.ObjectIdentifier: return TryNormalizeOid(value, out normal);
            case MatchingRule.Uuid: return TryNormalizeUuid(value, out normal);
            case MatchingRule.CaseIgnoreIA5:
            case MatchingRule.CaseExactIA5:
                normal = [];
                return Ascii.IsValid(value) && StringPreparation.TryPrepare(value, rule == MatchingRule.CaseIgnoreIA5, out normal);
            case MatchingRule.NumericString: return CompactText.TryNumeric(value, out normal);
            case MatchingRule.TelephoneNumber: return CompactText.TryTelephone(value, out normal);
            case MatchingRule.CaseIgnoreList: return CompactText.TryLines(value, out normal);
            case MatchingRule.BitString: return CompactText.TryBits(value, out normal);
            case MatchingRule.UniqueMember: return TryNormalizeUniqueMember(value, out normal);
            case MatchingRule.IntegerFirstComponent: return TryNormalizeInteger(FirstComponent(value), out normal);
            case MatchingRule.ObjectIdentifierFirstComponent: return TryNormalizeOid(FirstComponent(value), out normal);
            default: throw new ArgumentOutOfRangeException(nameof(rule), rule, "no such matching rule");
        }
    }

    /// <summary>Whether octet order of normal forms means anything, so that <c>&gt;=</c> and <c>&lt;=</c> can be asked.</summary>
    public static bool IsOrdered(MatchingRule rule) => MatchingRuleDefinition.Find(rule, MatchingUse.Ordering) is not null || IsText(rule);

    /// <summary>Whether pieces of a value can be asked for.</summary>
    public static bool HasSubstrings(MatchingRule rule) => MatchingRuleDefinition.Find(rule, MatchingUse.Substrings) is not null;

    /// <summary>The kind of the rule of this name or OID; null when unknown.</summary>
    public static MatchingRule? Find(string nameOrOid) => MatchingRuleDefinition.Find(nameOrOid)?.Kind;

    /// <summary>Whether normal forms are prepared text with single blanks inside, RFC 4518 section 2.6.1.</summary>
    internal static bool IsText(MatchingRule rule) => rule is MatchingRule.CaseIgnore or MatchingRule.CaseExact or MatchingRule.CaseIgnoreIA5
        or MatchingRule.CaseExactIA5 or MatchingRule.CaseIgnoreList;

    /// <summary>What a description begins with: <c>( 2.5.4.3 NAME 'cn' )</c>; a bare value, as an assertion has it, is that itself.</summary>
    private static ReadOnlySpan<byte> FirstComponent(ReadOnlySpan<byte> value)
    {
        value = value.Trim((byte)' ');
        if (value.Length == 0 || value[0] != '(')
        {
            return value;
        }

        value = value[1..].TrimStart((byte)' ');
        int end = value.IndexOfAny((byte)' ', (byte)')');
        return end < 0 ? value : value[..end];
    }

    /// <summary>NameAndOptionalUID, RFC 4517 section 3.3.21: a name, then perhaps <c>#'0101'B</c>.</summary>
    private static bool TryNormalizeUniqueMember(ReadOnlySpan<byte> value, out byte[] normal)
    {
        int hash = value.LastIndexOf((byte)'#');
        byte[] bits = [];
        ReadOnlySpan<byte> name = hash >= 0 && CompactText.TryBits(value[(hash + 1)..], out bits) ? value[..hash] : value;
        bool valid = TryNormalizeDn(name, out byte[] dn);
        normal = bits.Length == 0 ? dn : [.. dn, (byte)'#', .. bits];
        return valid;
    }

    private static bool TryNormalizeDn(ReadOnlySpan<byte> value, out byte[] normal)
    {
        normal = [];
        if (!TryDecode(value, out string text) || !DistinguishedName.TryParse(text, out DistinguishedName dn, out _))
        {
            return false;
        }

        normal = Encoding.UTF8.GetBytes(dn.Normalized);
        return true;
    }

    /// <summary>Sign, number of digits, digits; a negative number's length and digits are complemented, so that octet order is the
    /// order of numbers of any size.</summary>
    private static bool TryNormalizeInteger(ReadOnlySpan<byte> value, out byte[] normal)
    {
        const byte Negative = 0;
        const byte NotNegative = 1;
        normal = [];
        bool negative = value.Length > 0 && value[0] == '-';
        ReadOnlySpan<byte> digits = negative ? value[1..] : value;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        digits = digits.TrimStart((byte)'0');
        negative &= !digits.IsEmpty;
        normal = new byte[1 + sizeof(int) + digits.Length];
        normal[0] = negative ? Negative : NotNegative;
        BinaryPrimitives.WriteInt32BigEndian(normal.AsSpan(1), digits.Length);
        digits.CopyTo(normal.AsSpan(1 + sizeof(int)));
        if (negative)
        {
            for (int i = 1; i < normal.Length; i++)
            {
                normal[i] = (byte)~normal[i];
            }
        }

        return true;
    }

    private static bool TryNormalizeBoolean(ReadOnlySpan<byte> value, out byte[] normal)
    {
        bool isTrue = Ascii.EqualsIgnoreCase(value, "TRUE"u8);
        normal = isTrue ? "TRUE"u8.ToArray() : "FALSE"u8.ToArray();
        return isTrue || Ascii.EqualsIgnoreCase(value, "FALSE"u8);
    }

    /// <summary>numericoid or descr (RFC 4512 section 1.4), without blanks. That a name and an OID mean the same is known to a schema only.</summary>
    private static bool TryNormalizeOid(ReadOnlySpan<byte> value, out byte[] normal)
    {
        normal = [];
        if (!Ascii.IsValid(value) || value.Contains((byte)';'))
        {
            return false;
        }

        string text = Encoding.ASCII.GetString(value);
        if (!AttributeDescription.IsValid(text))
        {
            return false;
        }

        normal = Encoding.ASCII.GetBytes(text.ToLowerInvariant());
        return true;
    }

    /// <summary>The 16 octets, most significant first: uuidOrderingMatch of RFC 4530 section 2.3.</summary>
    private static bool TryNormalizeUuid(ReadOnlySpan<byte> value, out byte[] normal)
    {
        const int TextLength = 36;
        normal = [];
        if (value.Length != TextLength)
        {
            return false;
        }

        Span<byte> hex = stackalloc byte[32];
        int count = 0;
        for (int i = 0; i < TextLength; i++)
        {
            if (i is 8 or 13 or 18 or 23)
            {
                if (value[i] != '-')
                {
                    return false;
                }
            }
            else if (char.IsAsciiHexDigit((char)value[i]))
            {
                hex[count++] = value[i];
            }
            else
            {
                return false;
            }
        }

        normal = Convert.FromHexString(hex);
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> value, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(value))
        {
            return false;
        }

        text = StrictUtf8.GetString(value);
        return true;
    }
}
