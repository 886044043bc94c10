using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>Simple paged results, RFC 2696: <c>SEQUENCE { size INTEGER, cookie OCTET STRING }</c>.</summary>
public static class PagedResultsControl
{
    /// <param name="pageSize">Entries per page in a request; in a response an estimate of all, 0 for unknown.</param>
    /// <param name="cookie">Empty in the first request; in a response empty after the last page.</param>
    public static LdapControl Create(int pageSize, ReadOnlyMemory<byte> cookie, bool critical)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pageSize);
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteInteger(pageSize);
        writer.WriteOctetString(cookie.Span);
        writer.PopSequence();
        return new LdapControl(LdapOids.PagedResults, critical, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing or no realSearchControlValue.</exception>
    public static (int Size, ReadOnlyMemory<byte> Cookie) Decode(LdapControl control)
    {
        if (control.Oid != LdapOids.PagedResults)
        {
            throw new ArgumentException($"control {control.Oid} is not paged results", nameof(control));
        }

        if (control.Value is not { } value)
        {
            throw new LdapProtocolException("paged results control: its value is missing");
        }

        BerReader outer = new(value);
        BerReader reader = outer.ReadConstructed(BerTag.Sequence, "paged results control");
        int size = reader.ReadInteger("paged results size");
        ReadOnlyMemory<byte> cookie = reader.ReadOctets("paged results cookie");
        reader.ExpectEnd("paged results control");
        if (!outer.IsAtEnd)
        {
            throw new LdapProtocolException("paged results control: octets after its end");
        }

        return size >= 0 ? (size, cookie) : throw new LdapProtocolException($"paged results size: {size} is negative");
    }
}
