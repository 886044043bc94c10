using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>What the decoders of control values and extended values share: one element, whole, and nothing after it.</summary>
internal static class ControlValue
{
    /// <summary>The octets of the control's value.</summary>
    /// <exception cref="ArgumentException">Another control: a mistake of the caller, not of the peer.</exception>
    /// <exception cref="LdapProtocolException">The value is missing.</exception>
    public static ReadOnlyMemory<byte> Of(LdapControl control, string oid, string what)
    {
        if (control.Oid != oid)
        {
            throw new ArgumentException($"control {control.Oid} is not the {what}", nameof(control));
        }

        return control.Value ?? throw new LdapProtocolException($"{what}: its value is missing");
    }

    /// <summary>The contents of the control's value, which must be one element that carries <paramref name="tag"/>.</summary>
    public static BerReader Open(LdapControl control, string oid, string what, byte tag = BerTag.Sequence) => Open(Of(control, oid, what), what, tag);

    public static BerReader Open(ReadOnlyMemory<byte> value, string what, byte tag = BerTag.Sequence)
    {
        BerReader outer = new(value);
        BerReader content = outer.ReadConstructed(tag, what);
        ExpectNothing(outer, what);
        return content;
    }

    public static void ExpectNothing(BerReader reader, string what)
    {
        if (!reader.IsAtEnd)
        {
            throw new LdapProtocolException($"{what}: octets after its end");
        }
    }
}
