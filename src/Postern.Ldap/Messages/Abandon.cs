using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>AbandonRequest, RFC 4511 section 4.11: has no answer, and silences the abandoned operation.</summary>
public sealed record AbandonRequest(int AbandonedId) : LdapOperation
{
    internal static AbandonRequest Read(ReadOnlyMemory<byte> content)
    {
        if (content.Length is 0 or > 4)
        {
            throw new LdapProtocolException($"AbandonRequest: a messageID of {content.Length} octets");
        }

        int id = (sbyte)content.Span[0];
        for (int i = 1; i < content.Length; i++)
        {
            id = (id << 8) | content.Span[i];
        }

        return id >= 0 ? new AbandonRequest(id) : throw new LdapProtocolException($"AbandonRequest: messageID {id} is negative");
    }

    internal void Write(AsnWriter writer) =>
        writer.WriteInteger(AbandonedId, BerWriter.Application(LdapOperationTag.AbandonRequest, constructed: false));
}
