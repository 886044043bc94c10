namespace Postern.Ldap.Codec;

internal enum BerStatus
{
    Ok,

    /// <summary>More octets are needed to say anything.</summary>
    Incomplete,

    /// <summary>No further octet can mend it.</summary>
    Invalid,

    /// <summary>A well-formed length beyond what memory can hold.</summary>
    TooLong,
}

/// <summary>Identifier and length octets: low tag numbers and definite lengths, all that RFC 4511 section 5.1 leaves.</summary>
internal static class BerHeader
{
    /// <summary>Octets; leaves room for the header within an int.</summary>
    private const int MaxContentLength = int.MaxValue - 16;

    public static BerStatus TryRead(ReadOnlySpan<byte> data, out byte tag, out int headerLength, out int contentLength)
    {
        tag = 0;
        headerLength = 0;
        contentLength = 0;
        if (data.Length < 1)
        {
            return BerStatus.Incomplete;
        }

        tag = data[0];
        if ((tag & 0x1f) == 0x1f)
        {
            return BerStatus.Invalid; // multi-octet tags: LDAP has none
        }

        if (data.Length < 2)
        {
            return BerStatus.Incomplete;
        }

        int first = data[1];
        if (first < 0x80)
        {
            headerLength = 2;
            contentLength = first;
            return BerStatus.Ok;
        }

        int count = first & 0x7f;
        if (count is 0 or > 8)
        {
            return BerStatus.Invalid; // indefinite, or longer than any message
        }

        // Leading zero octets are legal BER (Active Directory always sends four length octets).
        long length = 0;
        for (int i = 0; i < count; i++)
        {
            if (data.Length < 3 + i)
            {
                return BerStatus.Incomplete;
            }

            length = (length << 8) | data[2 + i];
            if (length > MaxContentLength)
            {
                return BerStatus.TooLong;
            }
        }

        headerLength = 2 + count;
        contentLength = (int)length;
        return BerStatus.Ok;
    }
}

/// <summary>Identifier octets in use: universal, context and application classes.</summary>
internal static class BerTag
{
    public const byte Boolean = 0x01;
    public const byte Integer = 0x02;
    public const byte OctetString = 0x04;
    public const byte Enumerated = 0x0a;
    public const byte Sequence = 0x30;
    public const byte Set = 0x31;

    public static byte Context(int number) => (byte)(0x80 | number);

    public static byte ContextConstructed(int number) => (byte)(0xa0 | number);
}
