using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>AddRequest, RFC 4511 section 4.7.</summary>
public sealed record AddRequest(string Dn, IReadOnlyList<LdapAttribute> Attributes) : LdapOperation, IUpdateOperation
{
    public AddRequest(string dn, params LdapAttribute[] attributes)
        : this(dn, (IReadOnlyList<LdapAttribute>)attributes)
    {
    }

    internal static AddRequest Read(BerReader reader, LdapLimits limits)
    {
        string dn = DnField.Read(ref reader, "entry", limits);
        IReadOnlyList<LdapAttribute> attributes = AttributeListCodec.Read(reader.ReadConstructed(BerTag.Sequence, "attributes"), limits);
        reader.ExpectEnd("AddRequest");
        return new AddRequest(dn, attributes);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.AddRequest));
        writer.WriteText(Dn);
        AttributeListCodec.Write(Attributes, writer);
        writer.PopSequence(BerWriter.Application(LdapOperationTag.AddRequest));
    }
}

public sealed record AddResponse(LdapResult Result) : LdapOperation
{
    internal static AddResponse Read(BerReader reader) => new(LdapResultCodec.ReadOperation(reader, LdapOperationTag.AddResponse));
}
