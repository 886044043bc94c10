using System.Globalization;
using System.Text;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization;

/// <summary>How far a type has come, kept on the edge beside the data (posternSyncState).</summary>
internal static class SyncStateEntry
{
    /// <summary>RFC 4517 section 3.3.13, UTC, whole seconds.</summary>
    public const string GeneralizedTimeFormat = "yyyyMMddHHmmss'Z'";

    public static string PrintTime(DateTimeOffset time) => time.UtcDateTime.ToString(GeneralizedTimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Null when absent or not in our own form.</summary>
    public static DateTimeOffset? ReadTime(LdapEntry entry, string attribute) =>
        DateTimeOffset.TryParseExact(
            entry.FirstString(attribute), GeneralizedTimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    /// <summary>What a complete cycle writes last.</summary>
    /// <param name="exists">Whether the edge has the entry already.</param>
    /// <param name="cookie">Describes what was read; for a whole read the number of entries and the sum of their digests.</param>
    public static IUpdateOperation ToOperation(string dn, bool exists, string cookie, DateTimeOffset now, string hub)
    {
        LdapAttribute[] values =
        [
            new(PosternAttributes.Cookie, Encoding.UTF8.GetBytes(cookie)),
            new(PosternAttributes.LastSync, PrintTime(now)),
            new(PosternAttributes.Hub, hub),
        ];
        if (exists)
        {
            return new ModifyRequest(dn, Array.ConvertAll(values, value => new Modification(ModificationType.Replace, value)));
        }

        string cn = dn[3..dn.IndexOf(',', StringComparison.Ordinal)];
        return new AddRequest(dn, [new LdapAttribute("objectClass", PosternClasses.SyncState), new LdapAttribute("cn", cn), .. values]);
    }
}
