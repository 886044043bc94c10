using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Counts the rows a search has read: looks at the clock and at cancellation now and then, and says when to let go of the thread.</summary>
internal sealed class SearchPace(SearchContext context, SearchRequest request, CancellationToken cancellationToken)
{
    /// <summary>Rows between two looks at the clock and at cancellation.</summary>
    private const int RowsPerCheck = 16;

    /// <summary>Rows after which a search lets go of its thread, so that whoever shares it gets a turn. Some 0.3 ms of reading; a multiple
    /// of <see cref="RowsPerCheck"/>.</summary>
    private const int RowsPerTurn = 256;

    /// <summary>The same by the clock: a filter of hundreds of parts takes long over few rows.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    private readonly long _started = context.Time.GetTimestamp();
    private readonly TimeSpan _limit = request.TimeLimit == 0
        ? context.Options.MaxSearchTime
        : TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(request.TimeLimit).Ticks, context.Options.MaxSearchTime.Ticks));

    private int _rows;
    private long _turnBegan = context.Time.GetTimestamp();

    public void BeginTurn() => _turnBegan = context.Time.GetTimestamp();

    /// <returns>True when this row was the last of its turn.</returns>
    /// <exception cref="LdapException">timeLimitExceeded, unavailable.</exception>
    public bool Row()
    {
        if (_rows++ % RowsPerCheck != 0)
        {
            return false;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (context.Time.GetElapsedTime(_started) > _limit)
        {
            throw new LdapException(LdapResultCode.TimeLimitExceeded, $"search under {request.BaseDn}: not done within {_limit.TotalSeconds} s");
        }

        if (context.Readers.IsClosed)
        {
            throw new LdapException(LdapResultCode.Unavailable, $"search under {request.BaseDn}: the directory is being closed");
        }

        return _rows > 1 && ((_rows - 1) % RowsPerTurn == 0 || context.Time.GetElapsedTime(_turnBegan) > Turn);
    }
}
