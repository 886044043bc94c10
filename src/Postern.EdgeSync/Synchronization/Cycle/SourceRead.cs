using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>One source in one cycle: how it is read, and how that ended.</summary>
internal sealed class SourceRead(SyncSource source, int index, SourceState? before) : IAsyncDisposable
{
    private ISourceReading? _reading;

    public SyncSource Source => source;

    public string Name => source.Name;

    public int Index => index;

    /// <summary>Null: the state says nothing that still holds.</summary>
    public SourceState? Before => before;

    /// <summary>It is read in this cycle; otherwise what it said before stands.</summary>
    public bool IsRead { get; private set; }

    public bool IsWhole => _reading?.IsWhole ?? false;

    /// <summary>See <see cref="ISourceReading.IsOneState"/>.</summary>
    public bool IsOneState => _reading?.IsOneState ?? false;

    public string WholeBecause { get; private set; } = "";

    /// <summary>Was read to its end.</summary>
    public bool IsComplete { get; private set; }

    public SourceException? Failure { get; private set; }

    /// <summary>Entries that were projected.</summary>
    public long Found { get; set; }

    /// <summary>Of a reading of changes: the last word on each id, in the order of their first.</summary>
    public List<SourceChange> Changes { get; } = [];

    public SourceCookie? NextCookie => IsComplete ? _reading?.NextCookie : null;

    /// <param name="whole">Why the cookie is of no use; null: it is.</param>
    public async Task OpenAsync(string? whole, CancellationToken cancellationToken)
    {
        IsRead = true;
        try
        {
            SourceCookie? since = whole is null && before?.Cookie is { } cookie ? new SourceCookie(cookie) : null;
            _reading = await source.Source.OpenAsync(since, cancellationToken);
            WholeBecause = !_reading.IsWhole ? "" : since is null && whole is not null ? whole : _reading.WholeBecause;
        }
        catch (SourceException e)
        {
            Failure = e;
        }
    }

    /// <summary>Reads a reading of changes to its end.</summary>
    /// <returns>False: there are more than <paramref name="most"/>, and everything must be read instead.</returns>
    public async Task<bool> TryGatherAsync(int most, CancellationToken cancellationToken)
    {
        Dictionary<EntryId, int> places = [];
        await foreach (SourceChange change in ReadAsync(cancellationToken))
        {
            if (places.TryGetValue(change.Id, out int place))
            {
                Changes[place] = change;
                continue;
            }

            if (Changes.Count >= most)
            {
                await DisposeAsync();
                Changes.Clear();
                IsComplete = false;
                return false;
            }

            places.Add(change.Id, Changes.Count);
            Changes.Add(change);
        }

        if (!IsComplete)
        {
            // Half of what changed is no state that the source was ever in: an address that moved may have left and not arrived.
            Changes.Clear();
        }

        return true;
    }

    /// <summary>Ends early when the source fails; <see cref="Failure"/> says so.</summary>
    public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_reading is null)
        {
            yield break;
        }

        await using IAsyncEnumerator<SourceChange> changes = _reading.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await changes.MoveNextAsync())
                {
                    break;
                }
            }
            catch (SourceException e)
            {
                Failure = e;
                yield break;
            }

            yield return changes.Current;
        }

        IsComplete = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reading is not null)
        {
            await _reading.DisposeAsync();
        }
    }
}
