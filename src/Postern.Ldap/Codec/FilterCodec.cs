using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

/// <summary>Filter, RFC 4511 section 4.5.1.7. Nesting and size are checked before a level is entered.</summary>
internal static class FilterCodec
{
    private const int And = 0;
    private const int Or = 1;
    private const int Not = 2;
    private const int Equality = 3;
    private const int Substrings = 4;
    private const int GreaterOrEqual = 5;
    private const int LessOrEqual = 6;
    private const int Present = 7;
    private const int Approximate = 8;
    private const int Extensible = 9;

    private const int Initial = 0;
    private const int Any = 1;
    private const int Final = 2;

    private const int Rule = 1;
    private const int Type = 2;
    private const int Value = 3;
    private const int DnAttributes = 4;

    public static Filter Read(ref BerReader reader, LdapLimits limits)
    {
        FilterBudget budget = new(limits);
        return Read(ref reader, ref budget, depth: 1);
    }

    /// <summary>Filters one after the other up to the reader's end; the limits are for all of them together.</summary>
    public static IReadOnlyList<Filter> ReadList(BerReader reader, LdapLimits limits)
    {
        FilterBudget budget = new(limits);
        return ReadSet(reader, ref budget, depth: 0);
    }

    private static Filter Read(ref BerReader reader, ref FilterBudget budget, int depth)
    {
        if (budget.Refuses(depth) is { } refusal)
        {
            throw new LdapProtocolException(refusal) { IsLimit = true };
        }

        byte tag = reader.PeekTag();
        if (tag == BerTag.Context(Present))
        {
            return new PresentFilter(AttributeNames.Get(reader.ReadOctets("present", tag).Span));
        }

        const int FirstConstructed = 0xa0;
        BerReader content = reader.ReadConstructed(tag, "filter");
        switch (tag - FirstConstructed)
        {
            case And: return new AndFilter(ReadSet(content, ref budget, depth));
            case Or: return new OrFilter(ReadSet(content, ref budget, depth));
            case Not:
                Filter inner = Read(ref content, ref budget, depth + 1);
                ExpectNothing(content, "not");
                return new NotFilter(inner);
            case Equality:
                (string attribute, ReadOnlyMemory<byte> value) = ReadAssertion(content);
                return new EqualityFilter(attribute, value);
            case GreaterOrEqual:
                (attribute, value) = ReadAssertion(content);
                return new GreaterOrEqualFilter(attribute, value);
            case LessOrEqual:
                (attribute, value) = ReadAssertion(content);
                return new LessOrEqualFilter(attribute, value);
            case Approximate:
                (attribute, value) = ReadAssertion(content);
                return new ApproximateFilter(attribute, value);
            case Substrings: return ReadSubstrings(content, ref budget, depth);
            case Extensible: return ReadExtensible(content);
            default: throw new LdapProtocolException($"filter: tag 0x{tag:x2} is no choice of it");
        }
    }

    private static List<Filter> ReadSet(BerReader content, ref FilterBudget budget, int depth)
    {
        List<Filter> filters = [];
        while (!content.IsAtEnd)
        {
            filters.Add(Read(ref content, ref budget, depth + 1));
        }

        return filters;
    }

    private static (string Attribute, ReadOnlyMemory<byte> Value) ReadAssertion(BerReader content)
    {
        string attribute = AttributeNames.Get(content.ReadOctets("attributeDesc").Span);
        ReadOnlyMemory<byte> value = content.ReadOctets("assertionValue");
        ExpectNothing(content, attribute);
        return (attribute, value);
    }

    private static SubstringFilter ReadSubstrings(BerReader content, ref FilterBudget budget, int depth)
    {
        string attribute = AttributeNames.Get(content.ReadOctets("substrings type").Span);
        BerReader pieces = content.ReadConstructed(BerTag.Sequence, "substrings");
        ReadOnlyMemory<byte>? initial = null;
        ReadOnlyMemory<byte>? final = null;
        List<ReadOnlyMemory<byte>> any = [];
        if (pieces.IsAtEnd)
        {
            throw new LdapProtocolException("substrings: none is given");
        }

        for (bool first = true; !pieces.IsAtEnd; first = false)
        {
            if (budget.Refuses(depth) is { } refusal)
            {
                throw new LdapProtocolException(refusal) { IsLimit = true };
            }

            byte tag = pieces.PeekTag();
            ReadOnlyMemory<byte> piece = pieces.ReadOctets("substring", tag);
            if (tag == BerTag.Context(Any))
            {
                any.Add(piece);
            }
            else if (tag == BerTag.Context(Initial) && first)
            {
                initial = piece;
            }
            else if (tag == BerTag.Context(Final) && pieces.IsAtEnd)
            {
                final = piece;
            }
            else
            {
                throw new LdapProtocolException($"substrings: tag 0x{tag:x2} is out of place");
            }
        }

        ExpectNothing(content, "substrings");
        return new SubstringFilter(attribute, initial, any, final);
    }

    private static ExtensibleFilter ReadExtensible(BerReader content)
    {
        string? rule = content.NextIs(BerTag.Context(Rule)) ? content.ReadString("matchingRule", BerTag.Context(Rule)) : null;
        string? type = content.NextIs(BerTag.Context(Type)) ? AttributeNames.Get(content.ReadOctets("type", BerTag.Context(Type)).Span) : null;
        ReadOnlyMemory<byte> value = content.ReadOctets("matchValue", BerTag.Context(Value));
        bool dnAttributes = content.NextIs(BerTag.Context(DnAttributes)) && content.ReadBoolean("dnAttributes", BerTag.Context(DnAttributes));
        content.ExpectEnd("extensibleMatch");
        return rule is null && type is null
            ? throw new LdapProtocolException("extensibleMatch: neither matchingRule nor type is given")
            : new ExtensibleFilter(rule, type, value, dnAttributes);
    }

    private static void ExpectNothing(BerReader content, string what)
    {
        if (!content.IsAtEnd)
        {
            throw new LdapProtocolException($"filter {what}: octets after its last element");
        }
    }

    public static void Write(Filter filter, AsnWriter writer)
    {
        switch (filter)
        {
            case AndFilter and: WriteSet(and.Filters, And, writer); break;
            case OrFilter or: WriteSet(or.Filters, Or, writer); break;
            case NotFilter not: WriteSet([not.Inner], Not, writer); break;
            case EqualityFilter item: WriteAssertion(Equality, item.Attribute, item.Value, writer); break;
            case GreaterOrEqualFilter item: WriteAssertion(GreaterOrEqual, item.Attribute, item.Value, writer); break;
            case LessOrEqualFilter item: WriteAssertion(LessOrEqual, item.Attribute, item.Value, writer); break;
            case ApproximateFilter item: WriteAssertion(Approximate, item.Attribute, item.Value, writer); break;
            case PresentFilter present: writer.WriteText(present.Attribute, BerWriter.Context(Present)); break;
            case SubstringFilter substring: WriteSubstrings(substring, writer); break;
            case ExtensibleFilter extensible: WriteExtensible(extensible, writer); break;
            default: throw new ArgumentException($"no encoding for {filter.GetType().Name}", nameof(filter));
        }
    }

    private static void WriteSet(IReadOnlyList<Filter> filters, int tag, AsnWriter writer)
    {
        // A SEQUENCE push under a context tag: the octets of a SET, and the order kept.
        writer.PushSequence(BerWriter.Context(tag, constructed: true));
        foreach (Filter filter in filters)
        {
            Write(filter, writer);
        }

        writer.PopSequence(BerWriter.Context(tag, constructed: true));
    }

    private static void WriteAssertion(int tag, string attribute, ReadOnlyMemory<byte> value, AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Context(tag, constructed: true));
        writer.WriteText(attribute);
        writer.WriteOctetString(value.Span);
        writer.PopSequence(BerWriter.Context(tag, constructed: true));
    }

    private static void WriteSubstrings(SubstringFilter filter, AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Context(Substrings, constructed: true));
        writer.WriteText(filter.Attribute);
        writer.PushSequence();
        if (filter.Initial is { } initial)
        {
            writer.WriteOctetString(initial.Span, BerWriter.Context(Initial));
        }

        foreach (ReadOnlyMemory<byte> any in filter.Any)
        {
            writer.WriteOctetString(any.Span, BerWriter.Context(Any));
        }

        if (filter.Final is { } final)
        {
            writer.WriteOctetString(final.Span, BerWriter.Context(Final));
        }

        writer.PopSequence();
        writer.PopSequence(BerWriter.Context(Substrings, constructed: true));
    }

    private static void WriteExtensible(ExtensibleFilter filter, AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Context(Extensible, constructed: true));
        if (filter.MatchingRule is not null)
        {
            writer.WriteText(filter.MatchingRule, BerWriter.Context(Rule));
        }

        if (filter.Attribute is not null)
        {
            writer.WriteText(filter.Attribute, BerWriter.Context(Type));
        }

        writer.WriteOctetString(filter.Value.Span, BerWriter.Context(Value));
        if (filter.DnAttributes)
        {
            writer.WriteFlag(true, BerWriter.Context(DnAttributes));
        }

        writer.PopSequence(BerWriter.Context(Extensible, constructed: true));
    }
}
