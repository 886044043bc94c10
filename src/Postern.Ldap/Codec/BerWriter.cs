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
        // ENUMERATED has the contents of INTEGER. AsnWriter's own method wants a CLR enum and boxes it, and WriteInteger refuses the tag.
        int octets = value switch
        {
            >= sbyte.MinValue and <= sbyte.MaxValue => 1,
            >= short.MinValue and <= short.MaxValue => 2,
            _ => 4,
        };
        Span<byte> encoded = [BerTag.Enumerated, (byte)octets, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
        encoded[^octets..].CopyTo(encoded[2..]);
        writer.WriteEncodedValue(encoded[..(2 + octets)]);
    }

    public static void WriteFlag(this AsnWriter writer, bool value, Asn1Tag? tag = null) => writer.WriteBoolean(value, tag);
}
