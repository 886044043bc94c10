using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>UnbindRequest, RFC 4511 section 4.3: the end of the session; has no answer.</summary>
public sealed record UnbindRequest : LdapOperation
{
    internal static UnbindRequest Read(ReadOnlyMemory<byte> content) =>
        content.IsEmpty ? new UnbindRequest() : throw new LdapProtocolException("UnbindRequest: has contents");

    internal static void Write(AsnWriter writer) =>
        writer.WriteNull(BerWriter.Application(LdapOperationTag.UnbindRequest, constructed: false));
}
