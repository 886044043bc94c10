using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

internal static class FilterCodec
{
    public static Filter Read(ref BerReader reader, LdapLimits limits) => throw new NotImplementedException();

    public static void Write(Filter filter, AsnWriter writer) => throw new NotImplementedException();
}
