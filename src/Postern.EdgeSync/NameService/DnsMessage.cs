using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Postern.EdgeSync.NameService;

// RFC 1035 (partial): queries of one question and the answers to them, by UDP and TCP

/// <summary>A query for SRV records and what comes back, RFC 1035 section 4.</summary>
internal static class DnsMessage
{
    public const int HeaderBytes = 12;

    /// <summary>RFC 2782.</summary>
    private const ushort TypeSrv = 33;
    private const ushort ClassInternet = 1;

    /// <summary>QR, TC and RCODE of the second header field, RFC 1035 section 4.1.1; RD asks the server to find out for us.</summary>
    private const ushort Response = 0x8000;
    private const ushort Truncated = 0x0200;
    private const ushort RecursionDesired = 0x0100;
    private const ushort CodeMask = 0x000f;
    private const ushort NameError = 3;

    /// <summary>RFC 1035 section 2.3.4.</summary>
    private const int MaxNameBytes = 255;
    private const int MaxLabelBytes = 63;
    private const int PointerFlags = 0xc0;

    /// <exception cref="FormatException">Not a name that DNS can carry.</exception>
    public static byte[] EncodeQuery(ushort id, string name)
    {
        MemoryStream octets = new();
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16BigEndian(header, id);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], 1);
        octets.Write(header);
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            byte[] text = Encoding.ASCII.GetBytes(label);
            if (text.Length is 0 or > MaxLabelBytes)
            {
                throw new FormatException($"\"{name}\" is no domain name: a label has 1 to {MaxLabelBytes} octets");
            }

            octets.WriteByte((byte)text.Length);
            octets.Write(text);
        }

        octets.WriteByte(0);
        if (octets.Length - HeaderBytes > MaxNameBytes)
        {
            throw new FormatException($"\"{name}\" is longer than the {MaxNameBytes} octets of a domain name");
        }

        Span<byte> question = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(question, TypeSrv);
        BinaryPrimitives.WriteUInt16BigEndian(question[2..], ClassInternet);
        octets.Write(question);
        return octets.ToArray();
    }

    /// <returns>Null: the answer is cut short and must be asked for by TCP.</returns>
    /// <exception cref="FormatException">No answer to this query, or a damaged one.</exception>
    /// <exception cref="DnsException">The server could not or would not answer.</exception>
    public static IReadOnlyList<SrvRecord>? DecodeAnswer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> query)
    {
        if (message.Length < HeaderBytes || !message[..2].SequenceEqual(query[..2]))
        {
            throw new FormatException("no answer to this query");
        }

        ushort flags = ReadUInt16(message, 2);
        if ((flags & Response) == 0)
        {
            throw new FormatException("a query where an answer belongs");
        }

        if ((flags & Truncated) != 0)
        {
            return null;
        }

        int code = flags & CodeMask;
        if (code == NameError)
        {
            return [];
        }

        if (code != 0)
        {
            throw new DnsException($"the name server answers with code {code.ToString(CultureInfo.InvariantCulture)}");
        }

        // Servers repeat the question as they got it: whoever did not see it cannot.
        if (ReadUInt16(message, 4) != 1 || message.Length < query.Length || !message[HeaderBytes..query.Length].SequenceEqual(query[HeaderBytes..]))
        {
            throw new FormatException("an answer to another question");
        }

        List<SrvRecord> records = [];
        int at = query.Length;
        for (int i = ReadUInt16(message, 6); i > 0; i--)
        {
            ReadName(message, ref at);
            ushort type = ReadUInt16(message, at);
            int length = ReadUInt16(message, at + 8);
            at += 10;
            if (at + length > message.Length)
            {
                throw new FormatException("a record longer than its message");
            }

            if (type == TypeSrv)
            {
                int target = at + 6;
                records.Add(new SrvRecord(ReadUInt16(message, at), ReadUInt16(message, at + 2), ReadUInt16(message, at + 4), ReadName(message, ref target)));
            }

            at += length;
        }

        return records;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> message, int at) => at + 2 <= message.Length
        ? BinaryPrimitives.ReadUInt16BigEndian(message[at..])
        : throw new FormatException("a message that ends too early");

    /// <summary>RFC 1035 section 4.1.4; pointers only lead backwards, so that no chain of them is endless.</summary>
    private static string ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        StringBuilder name = new();
        int position = at;
        int lowest = at;
        bool jumped = false;
        while (true)
        {
            int length = position < message.Length ? message[position] : throw new FormatException("a name that ends too early");
            if (length >= PointerFlags)
            {
                int target = ReadUInt16(message, position) & ~(PointerFlags << 8);
                if (!jumped)
                {
                    at = position + 2;
                }

                jumped = true;
                if (target >= lowest)
                {
                    throw new FormatException("a name that points forward");
                }

                lowest = position = target;
                continue;
            }

            position++;
            if (length == 0)
            {
                break;
            }

            if (length > MaxLabelBytes || position + length > message.Length || name.Length + length > MaxNameBytes)
            {
                throw new FormatException("a damaged name");
            }

            name.Append(Encoding.ASCII.GetString(message.Slice(position, length))).Append('.');
            position += length;
        }

        if (!jumped)
        {
            at = position;
        }

        return name.ToString().TrimEnd('.');
    }
}
