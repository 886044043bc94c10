using System.Formats.Asn1;
using System.Text;

namespace Postern.Ldap.Codec;

/// <summary>The few shapes that LDAP writes, on top of <see cref="AsnWriter"/>.</summary>
internal static class BerWriter
{
    public static Asn1Tag Application(LdapOperationTag tag, bool constructed = true) => new(TagClass.Application, (int)tag, constructed);

    public static Asn1Tag Context(int number, bool constructed = false) => new(TagClass.ContextSpecific, number, constructed);

    public static void WriteText(this AsnWriter writer, string text, Asn1Tag? tag = null)
    {
        const int StackBytes = 512;
        int max = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> buffer = max <= StackBytes ? stackalloc byte[StackBytes] : new byte[max];
        int length = Encoding.UTF8.GetBytes(text, buffer);
        writer.WriteOctetString(buffer[..length], tag);
    }

    public static void WriteEnumerated(this AsnWriter writer, int value)
    {
        // ENUMERATED has the contents of INTEGER: two's complement, as few octets as hold it. AsnWriter's own method wants a CLR
        // enum and boxes it, and WriteInteger refuses the tag.
        const int HeaderBytes = 2;
        Span<byte> element = stackalloc byte[HeaderBytes + sizeof(int)];
        int count = 1;
        while (count < sizeof(int) && value >> ((8 * count) - 1) is not (0 or -1))
        {
            count++;
        }

        element[0] = BerTag.Enumerated;
        element[1] = (byte)count;
        for (int i = 0; i < count; i++)
        {
            element[HeaderBytes + i] = (byte)(value >> (8 * (count - 1 - i)));
        }

        writer.WriteEncodedValue(element[..(HeaderBytes + count)]);
    }

    public static void WriteFlag(this AsnWriter writer, bool value, Asn1Tag? tag = null) => writer.WriteBoolean(value, tag);
}
