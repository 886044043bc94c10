using System.Buffers;
using System.Text;

namespace Postern.Ldap.Codec;

/// <summary>
/// SearchResultEntry and SearchResultDone without controls, which are nearly all that a server sends: measured first, then written where they
/// leave from. The same octets as <see cref="System.Formats.Asn1.AsnWriter"/> makes, which moves every content once for each level around it.
/// </summary>
internal static class SearchAnswerEncoder
{
    private const byte EntryTag = 0x64;
    private const byte DoneTag = 0x65;

    /// <returns>False when the message is none of the two, or has controls or referrals.</returns>
    public static bool TryEncode(LdapMessage message, IBufferWriter<byte> output)
    {
        if (message.Controls.Count > 0)
        {
            return false;
        }

        switch (message.Operation)
        {
            case SearchResultEntry { Entry: var entry }:
                WriteEntry(message.MessageId, entry, output);
                return true;
            case SearchResultDone { Result: { Referrals.Count: 0 } result }:
                WriteDone(message.MessageId, result, output);
                return true;
            default:
                return false;
        }
    }

    private static void WriteEntry(int id, LdapEntry entry, IBufferWriter<byte> output)
    {
        IReadOnlyList<LdapAttribute> attributes = entry.Attributes;
        int list = 0;
        for (int i = 0; i < attributes.Count; i++)
        {
            list += Whole(AttributeLength(attributes[i], out _));
        }

        int dn = Encoding.UTF8.GetByteCount(entry.Dn);
        int operation = Whole(dn) + Whole(list);
        Writer writer = Writer.Begin(output, id, operation);
        writer.Header(EntryTag, operation);
        writer.Text(entry.Dn, dn);
        writer.Header(BerTag.Sequence, list);
        for (int i = 0; i < attributes.Count; i++)
        {
            LdapAttribute attribute = attributes[i];
            writer.Header(BerTag.Sequence, AttributeLength(attribute, out int values));
            writer.Text(attribute.Description, Encoding.UTF8.GetByteCount(attribute.Description));
            writer.Header(BerTag.Set, values);
            for (int v = 0; v < attribute.Values.Count; v++)
            {
                writer.Octets(attribute.Values[v].Span);
            }
        }

        writer.End(output);
    }

    private static void WriteDone(int id, LdapResult result, IBufferWriter<byte> output)
    {
        int code = IntegerLength((int)result.Code);
        int matched = Encoding.UTF8.GetByteCount(result.MatchedDn);
        int diagnostic = Encoding.UTF8.GetByteCount(result.DiagnosticMessage);
        int operation = Whole(code) + Whole(matched) + Whole(diagnostic);
        Writer writer = Writer.Begin(output, id, operation);
        writer.Header(DoneTag, operation);
        writer.Integer(BerTag.Enumerated, (int)result.Code, code);
        writer.Text(result.MatchedDn, matched);
        writer.Text(result.DiagnosticMessage, diagnostic);
        writer.End(output);
    }

    private static int AttributeLength(LdapAttribute attribute, out int values)
    {
        values = 0;
        for (int v = 0; v < attribute.Values.Count; v++)
        {
            values += Whole(attribute.Values[v].Length);
        }

        return Whole(Encoding.UTF8.GetByteCount(attribute.Description)) + Whole(values);
    }

    /// <summary>Octets of an element with a content of this length.</summary>
    private static int Whole(int content) => checked(1 + LengthLength(content) + content);

    private static int LengthLength(int content) => content < 0x80 ? 1 : content <= 0xff ? 2 : content <= 0xffff ? 3 : content <= 0xffffff ? 4 : 5;

    /// <summary>Octets of an integer's two's complement, as few as hold it.</summary>
    private static int IntegerLength(int value)
    {
        int count = 1;
        while (count < sizeof(int) && value >> ((8 * count) - 1) is not (0 or -1))
        {
            count++;
        }

        return count;
    }

    private ref struct Writer
    {
        private readonly Span<byte> _span;
        private int _at;

        private Writer(Span<byte> span) => _span = span;

        /// <param name="operation">Length of the operation's content.</param>
        public static Writer Begin(IBufferWriter<byte> output, int id, int operation)
        {
            int idLength = IntegerLength(id);
            int message = Whole(idLength) + Whole(operation);
            Writer writer = new(output.GetSpan(Whole(message)));
            writer.Header(BerTag.Sequence, message);
            writer.Integer(BerTag.Integer, id, idLength);
            return writer;
        }

        public readonly void End(IBufferWriter<byte> output) => output.Advance(_at);

        public void Header(byte tag, int length)
        {
            _span[_at++] = tag;
            int octets = LengthLength(length) - 1;
            if (octets == 0)
            {
                _span[_at++] = (byte)length;
                return;
            }

            _span[_at++] = (byte)(0x80 | octets);
            for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
            {
                _span[_at++] = (byte)(length >> shift);
            }
        }

        public void Integer(byte tag, int value, int length)
        {
            Header(tag, length);
            for (int shift = 8 * (length - 1); shift >= 0; shift -= 8)
            {
                _span[_at++] = (byte)(value >> shift);
            }
        }

        public void Text(string text, int length)
        {
            Header(BerTag.OctetString, length);
            _at += Encoding.UTF8.GetBytes(text, _span[_at..]);
        }

        public void Octets(ReadOnlySpan<byte> octets)
        {
            Header(BerTag.OctetString, octets.Length);
            octets.CopyTo(_span[_at..]);
            _at += octets.Length;
        }
    }
}
