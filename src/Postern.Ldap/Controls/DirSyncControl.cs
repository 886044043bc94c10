using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>MS-ADTS section 3.1.1.3.4.1.3.</summary>
[Flags]
public enum DirSyncFlags
{
    None = 0,

    /// <summary>Show what the caller may read, instead of asking for the right to replicate the naming context.</summary>
    ObjectSecurity = 0x1,

    /// <summary>Parents before their children.</summary>
    AncestorsFirst = 0x800,

    /// <summary>Of linked attributes only the values that changed. The highest bit: the INTEGER is negative, and servers refuse the
    /// positive number of five octets.</summary>
    IncrementalValues = unchecked((int)0x80000000),
}

/// <summary>What a server answers to a DirSync search.</summary>
/// <param name="More">The cookie asks for the rest: the change set was longer than the octets asked for.</param>
public sealed record DirSyncAnswer(bool More, ReadOnlyMemory<byte> Cookie);

/// <summary>DirSync control of Active Directory, MS-ADTS section 3.1.1.3.4.1.3: what changed in a naming context since a cookie.</summary>
public static class DirSyncControl
{
    private const string What = "DirSync control";

    /// <param name="maxBytes">Of attributes in one answer.</param>
    /// <param name="cookie">Empty in the first request.</param>
    public static LdapControl Create(DirSyncFlags flags, int maxBytes, ReadOnlyMemory<byte> cookie)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return new LdapControl(LdapOids.DirSync, Critical: true, Encode((int)flags, maxBytes, cookie));
    }

    public static LdapControl CreateAnswer(DirSyncAnswer answer) =>
        new(LdapOids.DirSync, Critical: false, Encode(answer.More ? 1 : 0, 0, answer.Cookie));

    /// <exception cref="LdapProtocolException">The value is missing or no DirSyncResponseValue.</exception>
    public static DirSyncAnswer DecodeAnswer(LdapControl control)
    {
        (int more, _, ReadOnlyMemory<byte> cookie) = Decode(control);
        return new DirSyncAnswer(more != 0, cookie);
    }

    /// <exception cref="LdapProtocolException">The value is missing or no DirSyncRequestValue.</exception>
    public static (DirSyncFlags Flags, int MaxBytes, ReadOnlyMemory<byte> Cookie) DecodeRequest(LdapControl control)
    {
        (int flags, int maxBytes, ReadOnlyMemory<byte> cookie) = Decode(control);
        return ((DirSyncFlags)flags, maxBytes, cookie);
    }

    private static byte[] Encode(int first, int second, ReadOnlyMemory<byte> cookie)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteInteger(first);
        writer.WriteInteger(second);
        writer.WriteOctetString(cookie.Span);
        writer.PopSequence();
        return writer.Encode();
    }

    private static (int First, int Second, ReadOnlyMemory<byte> Cookie) Decode(LdapControl control)
    {
        BerReader reader = ControlValue.Open(control, LdapOids.DirSync, What);
        int first = reader.ReadInteger($"{What}: flags");
        int second = reader.ReadInteger($"{What}: size");
        ReadOnlyMemory<byte> cookie = reader.ReadOctets($"{What}: cookie");
        reader.ExpectEnd(What);
        return (first, second, cookie);
    }
}
