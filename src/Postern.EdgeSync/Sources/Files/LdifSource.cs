using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Postern.EdgeSync.Filters;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.Files;

/// <summary>A source that is a file (RFC 2849). The whole file is checked before its first entry is yielded: a bad line anywhere or
/// an end that looks cut off, and nothing of the file is applied. Its cookie is the SHA-256 of its content, its bell rings when the file was replaced or written.</summary>
public sealed class LdifSource : ISource
{
    internal const string Kind = "file";

    private readonly SourceSettings _settings;
    private readonly EntryIdReader _ids;
    private readonly Bell _bell = new();
    private readonly FileWatch _watch;
    private readonly SourceFile _file;

    public LdifSource(SourceSettings settings, TimeProvider time)
    {
        (_settings, _ids) = (settings, EntryIdReader.For(settings));
        _watch = new FileWatch(FilePath, _bell, time);
        _file = new SourceFile(Name, FilePath, time);
    }

    public string Name => _settings.Name;

    private string FilePath => _settings.Path!;

    public async Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken)
    {
        // One open file for all passes: a file that is replaced meanwhile, as exports should be, does not disturb.
        FileStream stream = await _file.OpenAsync(cancellationToken);
        try
        {
            FileStamp before = FileStamp.Of(stream);
            _watch.Seen(before);
            byte[]? known = since is null ? null : FeedCookie.Read(Kind, since);
            if (known is not null && Convert.ToHexString(known) == Convert.ToHexString(await HashAsync(stream, cancellationToken)))
            {
                await stream.DisposeAsync();
                return new GatheredReading([], since!);
            }

            byte[] hash = await Task.Run(() => Check(stream, cancellationToken), cancellationToken);
            RequireUnchanged(stream, before);
            string because = since is null ? WholeReading.NoCookie : known is null ? FeedCookie.OtherKind : "the file has another content";
            return new WholeReading(because, token => ReadAsync(stream, before, hash, token), () => FeedCookie.Write(Kind, hash), stream) { IsOneState = true };
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            throw e is IOException ? Unreadable(e) : e;
        }
    }

    public Task WaitForBellAsync(CancellationToken cancellationToken)
    {
        _watch.Start();
        return _bell.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _watch.DisposeAsync();

    private async IAsyncEnumerable<SourceChange> ReadAsync(FileStream stream, FileStamp before, byte[] hash, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        RequireUnchanged(stream, before);
        EntryFilter filter = EntryFilter.Parse(_settings.Filter);
        using HashingStream hashing = HashingStream.FromStartOf(stream);
        using IEnumerator<LdapEntry> entries = Entries(hashing);
        while (MoveNext(entries))
        {
            LdapEntry entry = entries.Current;
            cancellationToken.ThrowIfCancellationRequested();
            if (filter.Matches(entry))
            {
                yield return new SourceChange(_ids.TryRead(entry, out EntryId id) ? id : IdFromName(Name, entry), entry);
            }
        }

        RequireUnchanged(stream, before);
        if (!hashing.Finish().AsSpan().SequenceEqual(hash))
        {
            throw Rewritten();
        }
    }

    /// <summary>Reads it all.</summary>
    /// <returns>SHA-256 of the content.</returns>
    private byte[] Check(FileStream stream, CancellationToken cancellationToken)
    {
        using HashingStream hashing = HashingStream.FromStartOf(stream);
        using IEnumerator<LdapEntry> entries = Entries(hashing);
        LdapEntry? last = null;
        while (MoveNext(entries))
        {
            cancellationToken.ThrowIfCancellationRequested();
            last = entries.Current;
        }

        byte[] hash = hashing.Finish();

        // RFC 2849 ends every line, and gives every record an attribute: a file without is one that was cut off.
        if (hashing.LastOctet is not (null or (byte)'\n'))
        {
            throw CutOff("its last line has no end");
        }

        return last is not { Attributes.Count: 0 } ? hash : throw CutOff($"its last record, {last.Dn}, is a name without attributes");
    }

    private IEnumerator<LdapEntry> Entries(Stream stream)
    {
        foreach (LdifRecord record in new LdifReader(stream, FilePath).Read())
        {
            yield return record is LdifContentRecord content
                ? content.Entry
                : throw new LdifException(FilePath, record.Line, "a change record; a source holds entries only");
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
            throw Unreadable(e);
        }
    }

    private static async Task<byte[]> HashAsync(FileStream stream, CancellationToken cancellationToken)
    {
        stream.Position = 0;
        return await SHA256.HashDataAsync(stream, cancellationToken);
    }

    private void RequireUnchanged(FileStream stream, FileStamp before)
    {
        if (FileStamp.Of(stream) != before)
        {
            throw Rewritten();
        }
    }

    private SourceException Rewritten() =>
        new(Name, $"{FilePath} was written to while it was read", "Write the new file beside it and rename it when it is whole.");

    private SourceException CutOff(string how) => new(
        Name, $"{FilePath} looks cut off: {how}", "Export it anew; nothing of the file was applied. A file written by hand ends with a line feed.");

    private SourceException Unreadable(Exception e) => new(Name, $"{FilePath}: {e.Message}", "Check the disk; nothing of the file was deleted on the edge.", e);

    /// <summary>The id of an entry that names none itself: the same for as long as its name is.</summary>
    internal static EntryId IdFromName(string source, LdapEntry entry) =>
        EntryId.FromName(source, DistinguishedName.TryParse(entry.Dn, out DistinguishedName? dn, out _) ? dn.Normalized : entry.Dn);
}
