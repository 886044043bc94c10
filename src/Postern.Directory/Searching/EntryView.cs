using System.Globalization;
using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Searching;

// RFC 5020 (complete): made on request

/// <summary>An entry as one principal may see it: secrets and unreadable attributes are gone before a filter is asked.</summary>
internal sealed class EntryView(SearchContext context, Principal principal)
{
    /// <summary>Sets of object classes remembered; one search meets a handful.</summary>
    private const int MaxShapes = 64;

    /// <summary>Attributes that were asked about; a handful per search.</summary>
    private Dictionary<string, bool>? _readable;

    private Dictionary<string, string?>? _structural;

    public bool MayRead(string normalizedDn) =>
        principal.Role == DirectoryRole.System || context.Policy.MayRead(principal, normalizedDn);

    public bool MayReadAttribute(string description)
    {
        if (SchemaWords.IsSecret(description))
        {
            return false;
        }

        if (principal.Role == DirectoryRole.System)
        {
            return true;
        }

        string type = SchemaWords.TypeName(description);
        _readable ??= new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        if (!_readable.TryGetValue(type, out bool readable))
        {
            readable = context.Policy.MayReadAttribute(principal, type);
            _readable.Add(type, readable);
        }

        return readable;
    }

    public IReadOnlyList<LdapAttribute> UserAttributes(EntryRow row) =>
        Readable(AttributeListCodec.Decode(row.Attributes, context.Limits));

    public IReadOnlyList<LdapAttribute> Readable(IReadOnlyList<LdapAttribute> attributes)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            if (!MayReadAttribute(attributes[i].Description))
            {
                return [.. attributes.Where(a => MayReadAttribute(a.Description))];
            }
        }

        return attributes;
    }

    /// <summary>entryUUID (RFC 4530), createTimestamp, modifyTimestamp and structuralObjectClass (RFC 4512 section 3.4), entryCSN (as OpenLDAP
    /// writes it), entryDN (RFC 5020), hasSubordinates and numSubordinates (as X.501 and other servers have them).</summary>
    /// <param name="user">What <see cref="UserAttributes"/> gave for the entry.</param>
    /// <param name="name">The entry's place; without it nothing is said of that.</param>
    /// <param name="counts">Whether children are to be counted, which takes time by their number.</param>
    public IReadOnlyList<LdapAttribute> OperationalAttributes(
        EntryRow row, IReadOnlyList<LdapAttribute>? user = null, EntryName name = default, bool counts = false)
    {
        List<LdapAttribute> attributes = [.. EntryStamps.Of(row), new LdapAttribute("subschemaSubentry", VirtualEntries.SubschemaDn)];
        if (user is not null && StructuralClass(user) is { } structural)
        {
            attributes.Add(new LdapAttribute("structuralObjectClass", structural));
        }

        if (name.Dn is not null)
        {
            attributes.Add(new LdapAttribute("entryDN", name.Dn));
        }

        if (name.Entries is { } entries)
        {
            attributes.Add(new LdapAttribute("hasSubordinates", entries.HasChildren(row.Id) ? "TRUE" : "FALSE"));
            if (counts)
            {
                attributes.Add(new LdapAttribute(SchemaWords.NumSubordinates, entries.CountChildren(row.Id).ToString(CultureInfo.InvariantCulture)));
            }
        }

        return Readable(attributes);
    }

    private string? StructuralClass(IReadOnlyList<LdapAttribute> user)
    {
        if (new LdapEntry("", user).Find(SchemaWords.ObjectClass) is not { } objectClass)
        {
            return null;
        }

        string names = string.Join('\n', objectClass.Strings);
        _structural ??= new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!_structural.TryGetValue(names, out string? structural))
        {
            try
            {
                structural = new ClassShape(context.Schema, objectClass).Structural.Name;
            }
            catch (LdapException)
            {
                structural = null; // written under another schema
            }

            if (_structural.Count < MaxShapes)
            {
                _structural.Add(names, structural);
            }
        }

        return structural;
    }
}
