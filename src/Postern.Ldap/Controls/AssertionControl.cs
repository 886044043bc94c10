using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

// RFC 4528 (complete): on search, compare and every update

/// <summary>Assertion control, RFC 4528: the operation is done only if its target matches the filter.</summary>
public static class AssertionControl
{
    private const string What = "assertion control";

    public static LdapControl Create(Filter filter, bool critical = true)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        FilterCodec.Write(filter, writer);
        return new LdapControl(LdapOids.Assertion, critical, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no filter, or beyond the limits of filters.</exception>
    public static Filter Decode(LdapControl control, LdapLimits limits)
    {
        BerReader reader = new(ControlValue.Of(control, LdapOids.Assertion, What));
        Filter filter;
        try
        {
            filter = FilterCodec.Read(ref reader, limits);
        }
        catch (LdapProtocolException e)
        {
            throw new LdapProtocolException($"{What}: {e.Message}", e);
        }

        ControlValue.ExpectNothing(reader, What);
        return filter;
    }
}
