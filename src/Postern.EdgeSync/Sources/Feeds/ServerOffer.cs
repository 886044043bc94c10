using System.Globalization;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>What a server says of itself in its root DSE (RFC 4512 section 5.1) as far as feeds go. A server that hides it offers nothing.</summary>
/// <param name="ContentSync">RFC 4533.</param>
/// <param name="Paging">RFC 2696.</param>
/// <param name="ChangeLog">Where the retro changelog is, or null.</param>
/// <param name="FirstChange">The oldest number that it still holds.</param>
/// <param name="LastChange">The newest.</param>
/// <param name="ActiveDirectory">Active Directory, or one that behaves like it.</param>
internal sealed record ServerOffer(bool ContentSync, bool Paging, string? ChangeLog, long FirstChange, long LastChange, bool ActiveDirectory)
{
    private const string Controls = "supportedControl";
    private const string ChangeLogBase = "changelog";
    private const string First = "firstChangeNumber";
    private const string Last = "lastChangeNumber";
    private const string UpdateNumber = "highestCommittedUSN";

    /// <summary>One search of one entry.</summary>
    public static async Task<ServerOffer> ReadAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        ServerOffer offer = new(false, false, null, 0, 0, false);
        try
        {
            await foreach (LdapEntry root in connection.SearchAsync(SearchRequest.ReadEntry("", Controls, ChangeLogBase, First, Last, UpdateNumber), cancellationToken))
            {
                HashSet<string> controls = [.. root.Strings(Controls)];
                offer = new ServerOffer(
                    controls.Contains(LdapOids.SyncRequest),
                    controls.Contains(LdapOids.PagedResults),
                    root.FirstString(ChangeLogBase),
                    Number(root.FirstString(First)),
                    Number(root.FirstString(Last)),
                    root.Find(UpdateNumber) is not null);
            }
        }
        catch (LdapException)
        {
            // Hidden: it is read as any LDAPv3 server can be.
        }

        return offer;
    }

    private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
}
