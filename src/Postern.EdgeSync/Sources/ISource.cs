using Postern.Ldap;

namespace Postern.EdgeSync.Sources;

/// <summary>One entry of a source.</summary>
/// <param name="Id">Stable for the life of the entry.</param>
/// <param name="Entry">Only what was asked for; may be a slice of the message it arrived in.</param>
public readonly record struct SourceEntry(EntryId Id, LdapEntry Entry);

/// <summary>What a reading says of one entry: how it is now, or that it is no recipient of this source any more.</summary>
/// <param name="Entry">Null: deleted, moved out of the subtree, or no longer passed by the filter.</param>
public readonly record struct SourceChange(EntryId Id, LdapEntry? Entry);

/// <summary>How far a source has been read: octets that only the source understands, kept on the edge beside what they describe.</summary>
public sealed record SourceCookie(ReadOnlyMemory<byte> Octets);

/// <summary>Where entries come from. One for the life of a hub; readings for several edges may run at once.</summary>
public interface ISource : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Begins a reading: of what changed since the cookie, or of everything where there is none or the source no longer answers it.</summary>
    /// <param name="since">Of an earlier reading; null asks for everything.</param>
    /// <exception cref="SourceException">The source does not answer.</exception>
    Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken);

    /// <summary>Returns when something may have changed since the last reading was opened; a source without a bell waits until cancelled.
    /// Failures are the source's own business: it tries again, or rings.</summary>
    Task WaitForBellAsync(CancellationToken cancellationToken);
}

/// <summary>One reading of a source.</summary>
public interface ISourceReading : IAsyncDisposable
{
    /// <summary>Everything is read: what does not come does not exist. Otherwise what does not come has not changed.</summary>
    bool IsWhole { get; }

    /// <summary>Why everything is read, in words: "no cookie yet", "the cookie is of another server", ... Empty when only changes are.</summary>
    string WholeBecause { get; }

    /// <summary>What comes was there at one moment: an id that comes twice is of two entries. Otherwise it is one entry that was changed while it
    /// was read.</summary>
    bool IsOneState => false;

    /// <summary>Ends normally only when all there was to say has been said; an id may come more than once, the last one counts (of
    /// <see cref="IsOneState"/> the first). Once.</summary>
    /// <exception cref="SourceException">Anything else: what came is right, but more may exist.</exception>
    IAsyncEnumerable<SourceChange> ReadAsync(CancellationToken cancellationToken);

    /// <summary>After the reading has ended normally: from where the next one goes on. Null: the source has no change feed.</summary>
    SourceCookie? NextCookie { get; }
}

/// <summary>A source could not be read to its end.</summary>
/// <param name="source">Its name.</param>
/// <param name="cause">What failed, on which object.</param>
/// <param name="hint">What to do about it.</param>
public sealed class SourceException(string source, string cause, string hint, Exception? inner = null)
    : Exception($"source {source}: {cause.TrimEnd('.')}", inner)
{
    public string SourceName { get; } = source;

    /// <summary>The message without the name of the source.</summary>
    public string Cause { get; } = cause.TrimEnd('.');

    public string Hint { get; } = hint;
}
