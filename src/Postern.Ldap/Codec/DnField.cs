namespace Postern.Ldap.Codec;

/// <summary>LDAPDN in a message: text of a bounded length. Whether it is a well-formed name is the directory's to say.</summary>
internal static class DnField
{
    public static string Read(ref BerReader reader, string what, LdapLimits limits, byte tag = BerTag.OctetString) =>
        Check(reader.ReadOctets(what, tag).Span, what, limits);

    public static string Check(ReadOnlySpan<byte> octets, string what, LdapLimits limits) =>
        octets.Length <= limits.MaxDnBytes
            ? BerReader.DecodeString(octets, what)
            : throw new LdapProtocolException($"{what}: a name of {octets.Length} octets, {limits.MaxDnBytes} are allowed") { IsLimit = true };
}
