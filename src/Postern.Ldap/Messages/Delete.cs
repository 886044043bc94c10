using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>DelRequest, RFC 4511 section 4.8.</summary>
public sealed record DelRequest(string Dn) : LdapOperation, IUpdateOperation
{
    internal static DelRequest Read(ReadOnlyMemory<byte> content, LdapLimits limits) => new(DnField.Check(content.Span, "DelRequest", limits));

    internal void Write(AsnWriter writer) =>
        writer.WriteText(Dn, BerWriter.Application(LdapOperationTag.DelRequest, constructed: false));
}

public sealed record DelResponse(LdapResult Result) : LdapOperation
{
    internal static DelResponse Read(BerReader reader) => new(LdapResultCodec.ReadOperation(reader, LdapOperationTag.DelResponse));
}
