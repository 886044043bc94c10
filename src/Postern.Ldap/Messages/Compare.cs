using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>CompareRequest, RFC 4511 section 4.10.</summary>
public sealed record CompareRequest(string Dn, string Attribute, ReadOnlyMemory<byte> Value) : LdapOperation
{
    internal static CompareRequest Read(BerReader reader, LdapLimits limits)
    {
        string dn = DnField.Read(ref reader, "entry", limits);
        BerReader ava = reader.ReadConstructed(BerTag.Sequence, "ava");
        string attribute = AttributeNames.Get(ava.ReadOctets("attributeDesc").Span);
        ReadOnlyMemory<byte> value = ava.ReadOctets("assertionValue");
        ava.ExpectEnd("ava");
        reader.ExpectEnd("CompareRequest");
        return new CompareRequest(dn, attribute, value);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.CompareRequest));
        writer.WriteText(Dn);
        writer.PushSequence();
        writer.WriteText(Attribute);
        writer.WriteOctetString(Value.Span);
        writer.PopSequence();
        writer.PopSequence(BerWriter.Application(LdapOperationTag.CompareRequest));
    }
}

public sealed record CompareResponse(LdapResult Result) : LdapOperation
{
    internal static CompareResponse Read(BerReader reader) => new(LdapResultCodec.ReadOperation(reader, LdapOperationTag.CompareResponse));
}
