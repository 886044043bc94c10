using Postern.Ldap;

namespace Postern.EdgeSync.Sources;

/// <summary>One entry of a source.</summary>
/// <param name="Id">Stable for the life of the entry.</param>
/// <param name="Entry">Only what was asked for; may be a slice of the message it arrived in.</param>
public readonly record struct SourceEntry(EntryId Id, LdapEntry Entry);

/// <summary>Where entries come from: a whole read, in no particular order.</summary>
public interface ISource
{
    string Name { get; }

    /// <summary>Ends normally only when every entry of the source was yielded.</summary>
    /// <exception cref="SourceException">Anything else: what was yielded is right, but more may exist.</exception>
    IAsyncEnumerable<SourceEntry> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A source could not be read to its end.</summary>
/// <param name="source">Its name.</param>
/// <param name="cause">What failed, on which object.</param>
/// <param name="hint">What to do about it.</param>
public sealed class SourceException(string source, string cause, string hint, Exception? inner = null)
    : Exception($"source {source}: {cause}", inner)
{
    public string SourceName { get; } = source;

    public string Hint { get; } = hint;
}
