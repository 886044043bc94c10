using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

/// <summary>AttributeList and PartialAttributeList, RFC 4511 sections 4.1.7, 4.5.2 and 4.7.</summary>
public static class AttributeListCodec
{
    internal static IReadOnlyList<LdapAttribute> Read(BerReader reader, LdapLimits limits)
    {
        List<LdapAttribute> attributes = new(8);
        while (!reader.IsAtEnd)
        {
            if (attributes.Count == limits.MaxAttributes)
            {
                throw new LdapProtocolException($"attributes: more than {limits.MaxAttributes}") { IsLimit = true };
            }

            attributes.Add(ReadAttribute(reader.ReadConstructed(BerTag.Sequence, "attribute"), limits));
        }

        return attributes;
    }

    internal static LdapAttribute ReadAttribute(BerReader reader, LdapLimits limits)
    {
        string type = AttributeNames.Get(reader.ReadOctets("attribute type").Span);
        BerReader set = reader.ReadConstructed(BerTag.Set, type);
        reader.ExpectEnd(type);
        if (set.IsAtEnd)
        {
            return new LdapAttribute(type, Array.Empty<ReadOnlyMemory<byte>>());
        }

        ReadOnlyMemory<byte> first = set.ReadOctets(type);
        if (set.IsAtEnd)
        {
            return new LdapAttribute(type, [first]);
        }

        List<ReadOnlyMemory<byte>> values = [first];
        while (!set.IsAtEnd)
        {
            if (values.Count == limits.MaxValues)
            {
                throw new LdapProtocolException($"{type}: more than {limits.MaxValues} values") { IsLimit = true };
            }

            values.Add(set.ReadOctets(type));
        }

        return new LdapAttribute(type, values);
    }

    internal static void Write(IReadOnlyList<LdapAttribute> attributes, AsnWriter writer)
    {
        writer.PushSequence();
        foreach (LdapAttribute attribute in attributes)
        {
            WriteAttribute(attribute, writer);
        }

        writer.PopSequence();
    }

    internal static void WriteAttribute(LdapAttribute attribute, AsnWriter writer)
    {
        writer.PushSequence();
        writer.WriteText(attribute.Description);
        writer.PushSetOf();
        for (int i = 0; i < attribute.Values.Count; i++)
        {
            writer.WriteOctetString(attribute.Values[i].Span);
        }

        writer.PopSetOf();
        writer.PopSequence();
    }

    /// <summary>The attributes as one SEQUENCE: the form in which they travel, and in which the store keeps them.</summary>
    public static byte[] Encode(IReadOnlyList<LdapAttribute> attributes)
    {
        AsnWriter writer = _writer ??= new AsnWriter(AsnEncodingRules.BER, initialCapacity: 4096);
        try
        {
            Write(attributes, writer);
            return writer.Encode();
        }
        finally
        {
            writer.Reset();
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; values are slices of <paramref name="encoded"/>.</summary>
    public static IReadOnlyList<LdapAttribute> Decode(ReadOnlyMemory<byte> encoded, LdapLimits limits)
    {
        BerReader reader = new(encoded);
        return Read(reader.ReadConstructed(BerTag.Sequence, "attributes"), limits);
    }

    [ThreadStatic]
    private static AsnWriter? _writer;
}
