using Postern.EdgeSync.Sources;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>What one reading said.</summary>
/// <param name="Entries">By id; null is gone. Later words replace earlier ones.</param>
internal sealed record ReadResult(bool IsWhole, string WholeBecause, IReadOnlyDictionary<EntryId, LdapEntry?> Entries, SourceCookie? Cookie)
{
    /// <summary>First values of mail, sorted; what is gone is not in it.</summary>
    public string[] Mails => [.. Entries.Values.OfType<LdapEntry>().Select(entry => entry.FirstString("mail") ?? entry.Dn).Order(StringComparer.Ordinal)];

    public int Gone => Entries.Values.Count(entry => entry is null);
}

internal static class SourceReader
{
    public static async Task<ReadResult> ReadAsync(this ISource source, SourceCookie? since = null)
    {
        await using ISourceReading reading = await source.OpenAsync(since, CancellationToken.None);
        Dictionary<EntryId, LdapEntry?> entries = [];
        await foreach (SourceChange change in reading.ReadAsync(CancellationToken.None))
        {
            entries[change.Id] = change.Entry;
        }

        return new ReadResult(reading.IsWhole, reading.WholeBecause, entries, reading.NextCookie);
    }

    /// <summary>A copy of the source as an edge keeps it: whole readings replace, changes change.</summary>
    public static async Task<ReadResult> FollowAsync(this ISource source, Dictionary<EntryId, string> copy, SourceCookie? since)
    {
        ReadResult result = await source.ReadAsync(since);
        if (result.IsWhole)
        {
            copy.Clear();
        }

        foreach ((EntryId id, LdapEntry? entry) in result.Entries)
        {
            if (entry is null)
            {
                copy.Remove(id);
            }
            else
            {
                copy[id] = entry.FirstString("mail") ?? entry.Dn;
            }
        }

        return result;
    }
}
