using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Searching;

/// <summary>An entry as one principal may see it: secrets and unreadable attributes are gone before a filter is asked.</summary>
internal sealed class EntryView(SearchContext context, Principal principal)
{
    /// <summary>Attributes that were asked about; a handful per search.</summary>
    private Dictionary<string, bool>? _readable;

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

    /// <summary>What the directory says of the entry, and where the schema is.</summary>
    public IReadOnlyList<LdapAttribute> OperationalAttributes(EntryRow row) =>
        Readable([.. EntryStamps.Of(row), new LdapAttribute("subschemaSubentry", VirtualEntries.SubschemaDn)]);
}
