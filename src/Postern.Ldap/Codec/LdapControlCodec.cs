using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

internal static class LdapControlCodec
{
    public static IReadOnlyList<LdapControl> Read(BerReader reader, LdapLimits limits)
    {
        List<LdapControl> controls = [];
        while (!reader.IsAtEnd)
        {
            if (controls.Count == limits.MaxControls)
            {
                throw new LdapProtocolException($"controls: more than {limits.MaxControls}") { IsLimit = true };
            }

            BerReader control = reader.ReadConstructed(BerTag.Sequence, "control");
            string oid = control.ReadString("controlType");
            bool critical = control.NextIs(BerTag.Boolean) && control.ReadBoolean("criticality");
            ReadOnlyMemory<byte>? value = control.ReadOptionalOctets("controlValue");
            control.ExpectEnd("control");
            controls.Add(new LdapControl(oid, critical, value));
        }

        return controls;
    }

    /// <param name="tag">[0] on a message; null, a plain SEQUENCE, elsewhere.</param>
    public static void Write(IReadOnlyList<LdapControl> controls, AsnWriter writer, Asn1Tag? tag)
    {
        writer.PushSequence(tag);
        foreach (LdapControl control in controls)
        {
            writer.PushSequence();
            writer.WriteText(control.Oid);
            if (control.Critical)
            {
                writer.WriteFlag(true);
            }

            if (control.Value is { } value)
            {
                writer.WriteOctetString(value.Span);
            }

            writer.PopSequence();
        }

        writer.PopSequence(tag);
    }
}
