using System.Text;

namespace Postern.Ldap.Codec;

/// <summary>Reads BER as RFC 4511 section 5.1 restricts it: definite lengths, primitive strings. Never reads past its slice.</summary>
/// <remarks>Works on memory, not on a span alone, so that values can be slices of the message and need no copy.</remarks>
internal ref struct BerReader(ReadOnlyMemory<byte> data)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlyMemory<byte> _data = data;
    private readonly ReadOnlySpan<byte> _span = data.Span;
    private int _position;

    public readonly bool IsAtEnd => _position == _span.Length;

    /// <summary>The identifier octet of the next element.</summary>
    public readonly byte PeekTag() =>
        _position < _span.Length ? _span[_position] : throw new LdapProtocolException("an element is missing at the end");

    public readonly bool NextIs(byte tag) => _position < _span.Length && _span[_position] == tag;

    /// <summary>The contents of the next element, which must carry <paramref name="tag"/>.</summary>
    public ReadOnlyMemory<byte> ReadElement(byte tag, string what)
    {
        BerStatus status = BerHeader.TryRead(_span[_position..], out byte found, out int headerLength, out int contentLength);
        if (status != BerStatus.Ok || contentLength > _span.Length - _position - headerLength)
        {
            throw new LdapProtocolException($"{what}: the element's length does not fit its surroundings");
        }

        if (found != tag)
        {
            throw new LdapProtocolException($"{what}: tag 0x{found:x2} where 0x{tag:x2} belongs");
        }

        ReadOnlyMemory<byte> content = _data.Slice(_position + headerLength, contentLength);
        _position += headerLength + contentLength;
        return content;
    }

    public BerReader ReadConstructed(byte tag, string what) => new(ReadElement(tag, what));

    public ReadOnlyMemory<byte> ReadOctets(string what, byte tag = BerTag.OctetString) => ReadElement(tag, what);

    /// <summary>The octets if the next element carries <paramref name="tag"/>, else null: absent and empty differ.</summary>
    /// <remarks>Not a conditional expression: <c>c ? memory : null</c> is of type ReadOnlyMemory, and its null is empty.</remarks>
    public ReadOnlyMemory<byte>? ReadOptionalOctets(string what, byte tag = BerTag.OctetString)
    {
        if (!NextIs(tag))
        {
            return null;
        }

        return ReadElement(tag, what);
    }

    public string ReadString(string what, byte tag = BerTag.OctetString) => DecodeString(ReadElement(tag, what).Span, what);

    public static string DecodeString(ReadOnlySpan<byte> octets, string what)
    {
        try
        {
            return StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException e)
        {
            throw new LdapProtocolException($"{what}: not UTF-8", e);
        }
    }

    public int ReadInteger(string what, byte tag = BerTag.Integer)
    {
        ReadOnlySpan<byte> content = ReadElement(tag, what).Span;
        if (content.Length is 0 or > 4)
        {
            throw new LdapProtocolException($"{what}: an integer of {content.Length} octets, 1 to 4 fit");
        }

        int value = (sbyte)content[0];
        for (int i = 1; i < content.Length; i++)
        {
            value = (value << 8) | content[i];
        }

        return value;
    }

    public bool ReadBoolean(string what, byte tag = BerTag.Boolean)
    {
        ReadOnlySpan<byte> content = ReadElement(tag, what).Span;
        return content.Length == 1 ? content[0] != 0 : throw new LdapProtocolException($"{what}: a boolean of {content.Length} octets");
    }

    public readonly void ExpectEnd(string what)
    {
        // RFC 4511 section 4 lets sequences grow in later versions; unknown trailing elements are ignored there, but not
        // half an element: that is damage.
        ReadOnlySpan<byte> rest = _span[_position..];
        while (rest.Length > 0)
        {
            if (BerHeader.TryRead(rest, out _, out int headerLength, out int contentLength) != BerStatus.Ok
                || contentLength > rest.Length - headerLength)
            {
                throw new LdapProtocolException($"{what}: octets after the last element that are no element");
            }

            rest = rest[(headerLength + contentLength)..];
        }
    }
}
