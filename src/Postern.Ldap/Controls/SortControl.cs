using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>One key of a sort, RFC 2891 section 1.1.</summary>
/// <param name="OrderingRule">Name or OID of a matching rule; null: the attribute's own.</param>
public sealed record SortKey(string Attribute, string? OrderingRule, bool Reverse);

/// <summary>Server-side sorting, RFC 2891: request and response control.</summary>
public static class SortControl
{
    private const string What = "sort control";
    private const string WhatResponse = "sort response control";
    private const int RuleTag = 0;
    private const int ReverseTag = 1;
    private const int AttributeTag = 0;

    public static LdapControl Create(IReadOnlyList<SortKey> keys, bool critical = false)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        foreach (SortKey key in keys)
        {
            writer.PushSequence();
            writer.WriteText(key.Attribute);
            if (key.OrderingRule is not null)
            {
                writer.WriteText(key.OrderingRule, BerWriter.Context(RuleTag));
            }

            if (key.Reverse)
            {
                writer.WriteFlag(true, BerWriter.Context(ReverseTag));
            }

            writer.PopSequence();
        }

        writer.PopSequence();
        return new LdapControl(LdapOids.SortRequest, critical, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no key list, empty, or longer than <see cref="LdapLimits.MaxSortKeys"/>.</exception>
    public static IReadOnlyList<SortKey> Decode(LdapControl control, LdapLimits? limits = null)
    {
        int max = (limits ?? LdapLimits.Default).MaxSortKeys;
        BerReader reader = ControlValue.Open(control, LdapOids.SortRequest, What);
        List<SortKey> keys = [];
        while (!reader.IsAtEnd)
        {
            if (keys.Count == max)
            {
                throw new LdapProtocolException($"{What}: more than {max} keys") { IsLimit = true };
            }

            BerReader key = reader.ReadConstructed(BerTag.Sequence, $"{What}: key");
            string attribute = key.ReadString($"{What}: attributeType");
            string? rule = key.NextIs(BerTag.Context(RuleTag)) ? key.ReadString($"{What}: orderingRule", BerTag.Context(RuleTag)) : null;
            bool reverse = key.NextIs(BerTag.Context(ReverseTag)) && key.ReadBoolean($"{What}: reverseOrder", BerTag.Context(ReverseTag));
            key.ExpectEnd($"{What}: key");
            keys.Add(new SortKey(attribute, rule, reverse));
        }

        return keys.Count > 0 ? keys : throw new LdapProtocolException($"{What}: it names no key");
    }

    /// <param name="attribute">The key that made the sort fail, or null.</param>
    public static LdapControl CreateResponse(LdapResultCode code, string? attribute)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteEnumerated((int)code);
        if (attribute is not null)
        {
            writer.WriteText(attribute, BerWriter.Context(AttributeTag));
        }

        writer.PopSequence();
        return new LdapControl(LdapOids.SortResponse, Critical: false, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing or no SortResult.</exception>
    public static (LdapResultCode Code, string? Attribute) DecodeResponse(LdapControl control)
    {
        BerReader reader = ControlValue.Open(control, LdapOids.SortResponse, WhatResponse);
        int code = reader.ReadInteger($"{WhatResponse}: sortResult", BerTag.Enumerated);
        string? attribute = reader.NextIs(BerTag.Context(AttributeTag))
            ? reader.ReadString($"{WhatResponse}: attributeType", BerTag.Context(AttributeTag))
            : null;
        reader.ExpectEnd(WhatResponse);
        return ((LdapResultCode)code, attribute);
    }
}
