using System.Runtime.CompilerServices;
using Postern.EdgeSync.Filters;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources;

/// <summary>A source that is a file (RFC 2849). The whole file is checked before its first entry is yielded: a bad line anywhere, and
/// nothing of the file is applied.</summary>
public sealed class LdifSource(SourceSettings settings) : ISource
{
    /// <summary>Of the file stream, octets.</summary>
    private const int BufferBytes = 64 * 1024;

    private readonly EntryIdReader _ids = EntryIdReader.For(settings);

    public string Name => settings.Name;

    private string FilePath => settings.Path!;

    public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        Task.FromResult<ISourceReading>(new WholeReading(WholeReading.NoFeed, ReadAsync));

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The same open file for both passes: a file that is replaced in between (as exports should be) does not disturb.
        await using FileStream stream = Open();
        (long Length, DateTime Written) before = Stamp(stream);
        using (IEnumerator<LdapEntry> check = Entries(stream))
        {
            while (MoveNext(check))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        stream.Position = 0;
        EntryFilter filter = EntryFilter.Parse(settings.Filter);
        using IEnumerator<LdapEntry> entries = Entries(stream);
        while (MoveNext(entries))
        {
            LdapEntry entry = entries.Current;
            cancellationToken.ThrowIfCancellationRequested();
            if (!filter.Matches(entry))
            {
                continue;
            }

            yield return new SourceChange(_ids.TryRead(entry, out EntryId id) ? id : IdFromName(Name, entry), entry);
        }

        if (Stamp(stream) != before)
        {
            throw new SourceException(Name, $"{FilePath} was written to while it was read", "Write the new file beside it and rename it when it is whole.");
        }
    }

    private static IEnumerator<LdapEntry> Entries(FileStream stream)
    {
        foreach (LdifRecord record in new LdifReader(stream, stream.Name).Read())
        {
            yield return record is LdifContentRecord content
                ? content.Entry
                : throw new LdifException(stream.Name, record.Line, "a change record; a source holds entries only");
        }
    }

    private bool MoveNext(IEnumerator<LdapEntry> entries)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (LdifException e)
        {
            throw new SourceException(Name, e.Message, "Mend that line or export the file anew; nothing of the file was applied.", e);
        }
        catch (IOException e)
        {
            throw new SourceException(Name, $"{FilePath}: {e.Message}", "Check the disk; nothing of the file was deleted on the edge.", e);
        }
    }

    private FileStream Open()
    {
        try
        {
            return new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(Name, $"{FilePath}: {e.Message}", "Check that the file exists and that the hub may read it.", e);
        }
    }

    /// <summary>The id of an entry that names none itself: the same for as long as its name is.</summary>
    internal static EntryId IdFromName(string source, LdapEntry entry) =>
        EntryId.FromName(source, DistinguishedName.TryParse(entry.Dn, out DistinguishedName? dn, out _) ? dn.Normalized : entry.Dn);

    private static (long Length, DateTime Written) Stamp(FileStream stream) => (stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle));
}
