using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Postern.EdgeSync.Settings;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources;

/// <summary>Reads what identifies an entry: entryUUID (RFC 4530), objectGUID (16 octets), nsUniqueId (four groups of hexadecimal digits),
/// or any attribute that the settings name.</summary>
internal sealed class EntryIdReader(string sourceName, IReadOnlyList<string> attributes)
{
    public const string NsUniqueId = "nsUniqueId";
    private const string EntryUuid = "entryUUID";
    private const string ObjectGuid = "objectGUID";

    /// <summary>Whether the ids are those by which servers name entries in their change feeds.</summary>
    public bool AreServerIds => attributes.All(name => AttributeDescription.Comparer.Equals(name, EntryUuid)
        || AttributeDescription.Comparer.Equals(name, NsUniqueId) || AttributeDescription.Comparer.Equals(name, ObjectGuid));

    /// <summary>To be asked for.</summary>
    public IReadOnlyList<string> Attributes => attributes;

    public static EntryIdReader For(SourceSettings settings) => new(
        settings.Name,
        settings.IdAttribute is { } own
            ? [own]
            : settings.Type switch
            {
                SourceType.OpenLdap => [EntryUuid],
                SourceType.ActiveDirectory => [ObjectGuid],
                _ => [NsUniqueId, EntryUuid, ObjectGuid],
            });

    public bool TryRead(LdapEntry entry, out EntryId id)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            if (entry.Find(attributes[i]) is { Values: [{ Length: > 0 } value, ..] })
            {
                id = Read(attributes[i], value.Span);
                return true;
            }
        }

        id = default;
        return false;
    }

    /// <summary>The id that a value of the attribute stands for.</summary>
    public EntryId Read(string attribute, ReadOnlySpan<byte> value)
    {
        if (value.Length == EntryId.Bytes && AttributeDescription.Comparer.Equals(attribute, ObjectGuid))
        {
            return EntryId.FromBytes(value);
        }

        // The usual form of entryUUID: 8-4-4-4-12 digits.
        if (Utf8Parser.TryParse(value, out Guid guid, out int consumed) && consumed == value.Length)
        {
            Span<byte> octets = stackalloc byte[EntryId.Bytes];
            guid.TryWriteBytes(octets, bigEndian: true, out _);
            return EntryId.FromBytes(octets);
        }

        string text = Encoding.UTF8.GetString(value);
        string digits = text.Replace("-", "", StringComparison.Ordinal);
        return digits.Length == 2 * EntryId.Bytes && UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 number)
            ? new EntryId(number)
            : EntryId.FromName(sourceName, text);
    }
}
