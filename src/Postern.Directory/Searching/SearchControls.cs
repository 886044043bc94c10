using Postern.Ldap;

namespace Postern.Directory.Searching;

// RFC 6171 (complete): every answer comes from the master copy

/// <summary>The controls of one search or compare, read.</summary>
internal sealed class SearchControls
{
    /// <summary>What a search may carry; <see cref="Read"/> knows each of them.</summary>
    public static IReadOnlyList<string> Honoured { get; } =
        [LdapOids.PagedResults, LdapOids.SortRequest, LdapOids.MatchedValues, LdapOids.Assertion, LdapOids.ManageDsaIt, LdapOids.DontUseCopy];

    public static SearchControls None { get; } = new();

    public (int Size, ReadOnlyMemory<byte> Cookie)? Page { get; private set; }

    public IReadOnlyList<SortKey>? Sort { get; private set; }

    /// <summary>The control itself, whose octets decide over the order.</summary>
    public LdapControl? SortControlItself { get; private set; }

    public IReadOnlyList<Filter>? ValueFilter { get; private set; }

    public Filter? Assertion { get; private set; }

    /// <exception cref="LdapException">protocolError: a control that is given twice, or a value that is not what its RFC says.</exception>
    public static SearchControls Read(IReadOnlyList<LdapControl> controls, LdapLimits limits)
    {
        if (controls.Count == 0)
        {
            return None;
        }

        SearchControls read = new();
        for (int i = 0; i < controls.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (controls[j].Oid == controls[i].Oid)
                {
                    throw new LdapException(LdapResultCode.ProtocolError, $"control {controls[i].Oid} is given twice");
                }
            }

            try
            {
                read.Take(controls[i], limits);
            }
            catch (LdapProtocolException e)
            {
                throw new LdapException(e.ToResult(), "controls");
            }
        }

        return read;
    }

    private void Take(LdapControl control, LdapLimits limits)
    {
        switch (control.Oid)
        {
            case LdapOids.PagedResults:
                Page = PagedResultsControl.Decode(control);
                break;
            case LdapOids.SortRequest:
                Sort = SortControl.Decode(control, limits);
                SortControlItself = control;
                break;
            case LdapOids.MatchedValues:
                ValueFilter = MatchedValuesControl.Decode(control, limits);
                break;
            case LdapOids.Assertion:
                Assertion = AssertionControl.Decode(control, limits);
                break;
            default:
                // ManageDsaIT (RFC 3296): there are no referral objects, all entries are managed as they are.
                // Don't use copy (RFC 6171): this is the original and no copy.
                break;
        }
    }
}
