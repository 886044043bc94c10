using System.Buffers.Binary;
using System.Security.Cryptography;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Searching;

// RFC 2696 (complete): the cookie is a place in the result, not a state of the server: pages may be asked for hours apart, on another connection

/// <summary>
/// Where the next page of a search begins (RFC 2696). All there is to know is in the cookie, nothing stays in the server: which request it
/// belongs to, how many entries went before, the id of the last one and, of a sorted search, what it was sorted by.
/// </summary>
/// <param name="Request">What <see cref="Mark"/> says of the request.</param>
/// <param name="SortKey">Empty for a search that is not sorted.</param>
internal sealed record PageCookie(ReadOnlyMemory<byte> Request, int Returned, long LastId, ReadOnlyMemory<byte> SortKey)
{
    private const byte Version = 1;

    /// <summary>Octets of a request's digest: enough that two requests do not share one by chance.</summary>
    private const int MarkBytes = 16;

    private const int HeaderBytes = 1 + MarkBytes + sizeof(int) + sizeof(long);

    /// <summary>A digest of the request and whatever else decides which entries come, and in which order.</summary>
    public static byte[] Mark(SearchRequest request, ReadOnlySpan<byte> more)
    {
        byte[] encoded = LdapCodec.Encode(new LdapMessage(1, request));
        return SHA256.HashData((byte[])[.. encoded, .. more])[..MarkBytes];
    }

    public byte[] Encode()
    {
        byte[] cookie = new byte[HeaderBytes + SortKey.Length];
        cookie[0] = Version;
        Request.Span.CopyTo(cookie.AsSpan(1));
        BinaryPrimitives.WriteInt32BigEndian(cookie.AsSpan(1 + MarkBytes), Returned);
        BinaryPrimitives.WriteInt64BigEndian(cookie.AsSpan(1 + MarkBytes + sizeof(int)), LastId);
        SortKey.Span.CopyTo(cookie.AsSpan(HeaderBytes));
        return cookie;
    }

    /// <exception cref="LdapException">unwillingToPerform: no cookie of this directory, or that of another request.</exception>
    public static PageCookie Decode(ReadOnlyMemory<byte> cookie, ReadOnlySpan<byte> mark)
    {
        if (cookie.Length < HeaderBytes || cookie.Span[0] != Version)
        {
            throw new LdapException(LdapResultCode.UnwillingToPerform, "paged results: the cookie is none that this directory gave; begin anew without one");
        }

        PageCookie page = new(
            cookie.Slice(1, MarkBytes),
            BinaryPrimitives.ReadInt32BigEndian(cookie.Span[(1 + MarkBytes)..]),
            BinaryPrimitives.ReadInt64BigEndian(cookie.Span[(1 + MarkBytes + sizeof(int))..]),
            cookie[HeaderBytes..]);
        if (!page.Request.Span.SequenceEqual(mark))
        {
            throw new LdapException(
                LdapResultCode.UnwillingToPerform, "paged results: the cookie belongs to another search; base, scope, filter, attributes and order must stay the same");
        }

        return page.Returned >= 0 && page.LastId >= 0
            ? page
            : throw new LdapException(LdapResultCode.UnwillingToPerform, "paged results: the cookie is damaged");
    }
}
