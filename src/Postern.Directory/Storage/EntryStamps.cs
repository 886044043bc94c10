using System.Globalization;
using Postern.Ldap;

namespace Postern.Directory.Storage;

/// <summary>What the directory itself says of an entry.</summary>
internal static class EntryStamps
{
    /// <summary>entryUUID (RFC 4530), createTimestamp and modifyTimestamp (RFC 4512 section 3.4), entryCSN (as OpenLDAP writes it).</summary>
    public static LdapAttribute[] Of(EntryRow row)
    {
        DateTime modified = FromMicroseconds(row.Csn);
        return
        [
            new LdapAttribute(SchemaWords.EntryUuid, row.Uuid.ToString("D")),
            new LdapAttribute("createTimestamp", FromMicroseconds(row.Created).ToString("yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture)),
            new LdapAttribute("modifyTimestamp", modified.ToString("yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture)),
            new LdapAttribute("entryCSN", modified.ToString("yyyyMMddHHmmss.ffffff'Z#000000#000#000000'", CultureInfo.InvariantCulture)),
        ];
    }

    private static DateTime FromMicroseconds(long value) => DateTime.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);
}
