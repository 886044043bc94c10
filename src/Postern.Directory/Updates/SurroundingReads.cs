using Postern.Directory.Searching;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>
/// Looks at the entry before and after its update, inside the update's own transaction, as its controls ask (RFC 4527, RFC 4528). What the
/// caller may not read is not there: it matches no assertion and is not returned.
/// </summary>
internal sealed class SurroundingReads(UpdateControls controls, DirectorySchema schema)
{
    private readonly List<LdapControl> _responses = [];

    public IReadOnlyList<LdapControl> Responses => _responses;

    /// <exception cref="LdapException">assertionFailed.</exception>
    public void Before(string dn, string normalizedDn, EntryRow row)
    {
        Assert(dn, normalizedDn, row);
        Read(controls.PreRead, LdapOids.PreRead, dn, normalizedDn, row);
    }

    public void After(string dn, string normalizedDn, EntryRow row) => Read(controls.PostRead, LdapOids.PostRead, dn, normalizedDn, row);

    /// <summary>RFC 4528 section 3: false and undefined both fail. For an add the target is the entry that is to be added.</summary>
    /// <exception cref="LdapException">assertionFailed.</exception>
    public void Assert(string dn, string normalizedDn, EntryRow row)
    {
        if (controls.Assertion is { } assertion && !Matches(assertion, dn, normalizedDn, row))
        {
            throw EntryRules.Refuse(LdapResultCode.AssertionFailed, dn, "the entry is not what the assertion control says");
        }
    }

    private bool Matches(Filter assertion, string dn, string normalizedDn, EntryRow row)
    {
        if (!controls.View.MayRead(normalizedDn))
        {
            return false;
        }

        IReadOnlyList<LdapAttribute> user = controls.View.UserAttributes(row);
        IReadOnlyList<LdapAttribute> operational = controls.View.OperationalAttributes(row, user, new EntryName(dn, normalizedDn));
        return CompiledFilter.Compile(assertion, schema).Matches(dn, user, operational) == true;
    }

    private void Read(AttributeSelection? selection, string oid, string dn, string normalizedDn, EntryRow row)
    {
        if (selection is null)
        {
            return;
        }

        EntryView view = controls.View;
        IReadOnlyList<LdapAttribute> selected = [];
        if (view.MayRead(normalizedDn))
        {
            IReadOnlyList<LdapAttribute> user = view.UserAttributes(row);
            selected = selection.Select(user, selection.WantsOperational ? view.OperationalAttributes(row, user, new EntryName(dn, normalizedDn)) : []);
        }

        _responses.Add(ReadEntryControl.CreateResponse(oid, new LdapEntry(dn, selected)));
    }
}
