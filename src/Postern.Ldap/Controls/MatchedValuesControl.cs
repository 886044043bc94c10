using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

// RFC 3876 (complete): nothing to add

/// <summary>Matched values, RFC 3876: of the entries found, only the values that match one of these filters are returned.</summary>
public static class MatchedValuesControl
{
    private const string What = "matched values control";

    /// <param name="filters">Items: no and, or, not; extensible items without dnAttributes.</param>
    public static LdapControl Create(IReadOnlyList<Filter> filters, bool critical = false)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        foreach (Filter filter in filters)
        {
            if (!IsSimple(filter))
            {
                throw new ArgumentException($"{filter} is no simple filter item", nameof(filters));
            }

            FilterCodec.Write(filter, writer);
        }

        writer.PopSequence();
        return new LdapControl(LdapOids.MatchedValues, critical, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, empty, no list of simple filter items, or longer than <see cref="LdapLimits.MaxFilterNodes"/>.</exception>
    public static IReadOnlyList<Filter> Decode(LdapControl control, LdapLimits limits)
    {
        BerReader reader = ControlValue.Open(control, LdapOids.MatchedValues, What);
        IReadOnlyList<Filter> filters;
        try
        {
            // One level: whatever nests is refused before it is entered.
            filters = FilterCodec.ReadList(reader, limits with { MaxFilterDepth = 1 });
        }
        catch (LdapProtocolException e)
        {
            throw new LdapProtocolException($"{What}: {e.Message}", e);
        }

        foreach (Filter filter in filters)
        {
            if (!IsSimple(filter))
            {
                throw new LdapProtocolException($"{What}: {filter} is no simple filter item");
            }
        }

        return filters.Count > 0 ? filters : throw new LdapProtocolException($"{What}: it holds no filter");
    }

    private static bool IsSimple(Filter filter) => filter is not (AndFilter or OrFilter or NotFilter or ExtensibleFilter { DnAttributes: true });
}
