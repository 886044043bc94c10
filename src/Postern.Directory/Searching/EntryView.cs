using System.Globalization;
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

    /// <summary>entryUUID (RFC 4530), createTimestamp and modifyTimestamp (RFC 4512 section 3.4), entryCSN (as OpenLDAP writes it),
    /// subschemaSubentry.</summary>
    public IReadOnlyList<LdapAttribute> OperationalAttributes(EntryRow row)
    {
        DateTime modified = FromMicroseconds(row.Csn);
        return Readable(
        [
            new LdapAttribute(SchemaWords.EntryUuid, row.Uuid.ToString("D")),
            new LdapAttribute("createTimestamp", FromMicroseconds(row.Created).ToString("yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture)),
            new LdapAttribute("modifyTimestamp", modified.ToString("yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture)),
            new LdapAttribute("entryCSN", modified.ToString("yyyyMMddHHmmss.ffffff'Z#000000#000#000000'", CultureInfo.InvariantCulture)),
            new LdapAttribute("subschemaSubentry", VirtualEntries.SubschemaDn),
        ]);
    }

    private static DateTime FromMicroseconds(long value) => DateTime.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);
}
