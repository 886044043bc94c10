using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Postern.Transport;

internal enum NetstringStatus
{
    Complete,

    /// <summary>Good so far; more octets are needed.</summary>
    Incomplete,

    /// <summary>No octets that follow can make a netstring of it.</summary>
    Invalid,

    /// <summary>A netstring of more octets than are allowed; its content was not waited for.</summary>
    TooLong,
}

/// <summary>D. J. Bernstein's netstrings, https://cr.yp.to/proto/netstrings.txt: <c>LENGTH:CONTENT,</c>.</summary>
internal static class Netstring
{
    // No request is near a gigabyte; so many digits fit an int.
    private const int MaxLengthDigits = 9;

    /// <summary>Octets around a content of <paramref name="contentBytes"/>: its length in digits, colon and comma.</summary>
    public static int Overhead(int contentBytes) => contentBytes.ToString(System.Globalization.CultureInfo.InvariantCulture).Length + 2;

    /// <param name="content">What is between colon and comma.</param>
    /// <param name="consumed">Octets of the whole netstring.</param>
    public static NetstringStatus TryRead(ReadOnlySpan<byte> input, int maxContent, out Range content, out int consumed)
    {
        content = default;
        consumed = 0;
        int digits = 0;
        int length = 0;
        for (; digits < input.Length && char.IsAsciiDigit((char)input[digits]); digits++)
        {
            // A leading zero is forbidden, except as the whole length.
            if (digits == MaxLengthDigits || (digits == 1 && length == 0))
            {
                return digits == MaxLengthDigits ? NetstringStatus.TooLong : NetstringStatus.Invalid;
            }

            length = (length * 10) + (input[digits] - '0');
        }

        if (digits == input.Length)
        {
            return length > maxContent ? NetstringStatus.TooLong : NetstringStatus.Incomplete;
        }

        if (digits == 0 || input[digits] != ':')
        {
            return NetstringStatus.Invalid;
        }

        if (length > maxContent)
        {
            return NetstringStatus.TooLong;
        }

        int end = digits + 1 + length;
        if (end >= input.Length)
        {
            return NetstringStatus.Incomplete;
        }

        if (input[end] != ',')
        {
            return NetstringStatus.Invalid;
        }

        content = (digits + 1)..end;
        consumed = end + 1;
        return NetstringStatus.Complete;
    }

    public static void Write(string content, IBufferWriter<byte> output)
    {
        int length = Encoding.UTF8.GetByteCount(content);
        Span<byte> span = output.GetSpan(MaxLengthDigits + 2 + length);
        Utf8Formatter.TryFormat(length, span, out int written);
        span[written++] = (byte)':';
        written += Encoding.UTF8.GetBytes(content, span[written..]);
        span[written++] = (byte)',';
        output.Advance(written);
    }
}
