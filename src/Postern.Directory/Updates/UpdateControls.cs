using Postern.Directory.Searching;
using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>What the controls of one update ask for, decoded.</summary>
/// <param name="Assertion">RFC 4528: the update is refused unless the entry matches.</param>
/// <param name="PreRead">RFC 4527 section 3.1: what to return of the entry before the update.</param>
/// <param name="PostRead">RFC 4527 section 3.2: what to return of the entry after it.</param>
/// <param name="TreeDelete">draft-armijo-ldap-treedelete: everything below goes too.</param>
/// <param name="View">What the caller may see. The controls are no way around the rules of searches.</param>
internal sealed record UpdateControls(
    Filter? Assertion, AttributeSelection? PreRead, AttributeSelection? PostRead, bool TreeDelete, EntryView View)
{
    /// <summary>All that <see cref="Honours"/> says yes to, for supportedControl.</summary>
    public static IReadOnlyList<string> Honoured { get; } =
        [LdapOids.Assertion, LdapOids.ManageDsaIt, LdapOids.PreRead, LdapOids.PostRead, LdapOids.TreeDelete];

    /// <summary>Assertion is for all updates, pre-read for what was there before, post-read for what is there after; the others stand where
    /// their documents put them.</summary>
    public static bool Honours(LdapOperation operation, string oid) => oid switch
    {
        LdapOids.Assertion or LdapOids.ManageDsaIt => operation is AddRequest or ModifyRequest or DelRequest or ModifyDnRequest,
        LdapOids.PreRead => operation is ModifyRequest or DelRequest or ModifyDnRequest,
        LdapOids.PostRead => operation is AddRequest or ModifyRequest or ModifyDnRequest,
        LdapOids.TreeDelete => operation is DelRequest,
        _ => false,
    };

    /// <returns>Null when nothing is asked for.</returns>
    /// <exception cref="LdapException">A control whose value cannot be read, that is there twice, or that this operation does not take.</exception>
    public static UpdateControls? Decode(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, SearchContext context, Principal principal)
    {
        if (controls.Count == 0)
        {
            return null;
        }

        UpdateControls decoded = new(null, null, null, TreeDelete: false, new EntryView(context, principal));
        bool asks = false;
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (LdapControl control in controls)
        {
            if (!Honours((LdapOperation)operation, control.Oid))
            {
                if (control.Critical)
                {
                    throw new LdapException(LdapResultCode.UnavailableCriticalExtension, $"control {control.Oid} is not known for this operation");
                }

                continue;
            }

            if (!seen.Add(control.Oid))
            {
                throw new LdapException(LdapResultCode.ProtocolError, $"control {control.Oid} is there twice");
            }

            decoded = decoded.With(control, operation, context);
            asks |= control.Oid != LdapOids.ManageDsaIt;
        }

        return asks ? decoded : null;
    }

    private UpdateControls With(LdapControl control, IUpdateOperation operation, SearchContext context)
    {
        try
        {
            return control.Oid switch
            {
                LdapOids.Assertion => this with { Assertion = AssertionControl.Decode(control, context.Limits) },
                LdapOids.PreRead => this with { PreRead = Selection(control, operation, context) },
                LdapOids.PostRead => this with { PostRead = Selection(control, operation, context) },
                LdapOids.TreeDelete => this with { TreeDelete = true },

                // There are no referral objects here: every entry is managed as what it is, with the control and without.
                _ => this,
            };
        }
        catch (LdapProtocolException e)
        {
            throw new LdapException(e.ToResult(), operation.Dn);
        }
    }

    private static AttributeSelection Selection(LdapControl control, IUpdateOperation operation, SearchContext context)
    {
        IReadOnlyList<string> attributes = ReadEntryControl.Decode(control, context.Limits);
        return new AttributeSelection(new SearchRequest(operation.Dn, SearchScope.BaseObject, Filter.Anything, attributes), context.Schema);
    }
}
