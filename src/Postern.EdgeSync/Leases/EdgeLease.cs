using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Leases;

/// <summary>
/// One edge's lease as one hub handles it (fact sheet 4.3): a lock of minutes, renewed while its holder lives, within an option of half an hour.
/// A lock that ends without being renewed means that its holder is gone: then anybody takes over. A holder that stops in good order gives
/// the lock back and keeps the option: then only a synchronization by hand takes over before the option ends.
/// </summary>
/// <remarks>Clocks decide only how soon a hub tries. Who may write is decided by the fence, which grows with each hub that takes over.</remarks>
/// <param name="process">Tells this process from an earlier one of the same hub.</param>
public sealed class EdgeLease(string edge, string hub, string process, LeaseSettings settings, TimeProvider time, ILogger log) : IDisposable
{
    private const int MaxAttempts = 5;

    /// <summary>In the time in which a lock may be renewed: every 30 seconds of the default 4 minutes. Ours.</summary>
    private const int RenewalTries = 8;

    private readonly Lock _state = new();
    private readonly SemaphoreSlim _one = new(1, 1);

    // What we hold; null when we do not. Believed as long as the session lasts in which it was read: an edge that starts again is read again.
    private LeaseDocument? _held;
    private IDirectory? _session;
    private long _fence;

    /// <summary>Where a renewal is under way, what it will be: the next batches need not bring another.</summary>
    private LeaseDocument? _renewing;

    // What we saw of another holder, and since when it has been the same by a clock that nobody sets.
    private ReadOnlyMemory<byte> _seen;
    private long _seenSince;
    private LeaseView _view = new(edge, null, false, null, null, 0, default);

    public string Edge => edge;

    /// <summary>Between two tries to renew a lock, of which there are then some before its end.</summary>
    internal TimeSpan RenewalRetry => settings.LockRenewalDuration / RenewalTries;

    /// <summary>As it was seen last.</summary>
    public LeaseView View
    {
        get
        {
            lock (_state)
            {
                return _view;
            }
        }
    }

    /// <summary>Asks for the lease. While it is ours and its lock not due for renewal, the edge is not asked.</summary>
    /// <param name="forced">By hand: an option of another hub is not waited for; its lock always is.</param>
    /// <exception cref="LdapException">The edge refused, e.g. it has no lease entry.</exception>
    public async Task<LeaseAnswer> AcquireAsync(LeaseSession session, bool forced, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            lock (_state)
            {
                if (_held is { } held && !IsDue(held) && _session == session.Directory)
                {
                    return Ours(_fence, held);
                }
            }

            // Lost to another hub between reading and writing: look who it is. More than a few times in a row would be something else.
            for (int attempt = 0; ; attempt++)
            {
                LeaseEntry entry = await LeaseEntry.ReadAsync(session.Directory, cancellationToken);
                if (WaitFor(entry, forced) is { } until)
                {
                    return new LeaseAnswer(false, entry.Fence, entry.Document!.Holder, until);
                }

                if (Continue(session, entry) is { } continued)
                {
                    return continued;
                }

                if (await TakeAsync(session, entry, cancellationToken) is { } answer)
                {
                    return answer;
                }

                if (attempt == MaxAttempts)
                {
                    throw new LdapException(LdapResultCode.Busy, $"the lease of edge {edge} was changed by others {MaxAttempts} times while it was asked for");
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The edge as the holder of this fence may write it.</summary>
    public FencedDirectory Guard(IDirectory session, LeaseAnswer answer) =>
        answer.IsOurs ? new FencedDirectory(session, this, answer.Fence) : throw new ArgumentException("the lease is another hub's", nameof(answer));

    /// <summary>Gives the lock back and keeps the option; nothing when the lease is not ours.</summary>
    public async Task ReleaseAsync(LeaseSession session, CancellationToken cancellationToken)
    {
        LeaseDocument held;
        long fence;
        lock (_state)
        {
            if (_held is null)
            {
                return;
            }

            (held, fence) = (_held with { LockUntil = null }, _fence);
            (_held, _renewing) = (null, null);
        }

        LdapAnswer released = await session.UpdateAsync(
            new ModifyRequest(EdgeLayout.Lease, Write(held)), [AssertionControl.Create(LeaseEntry.HasFence(fence))], cancellationToken);
        if (released.Result.Code == LdapResultCode.AssertionFailed)
        {
            return;
        }

        released.Result.ThrowIfFailed($"give the lock of edge {edge} back");
        LeaseLog.Released(log, edge, fence, held.OptionUntil);
        Note(held, fence, isOurs: false);
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Until the lock may be renewed next; zero when that is now, null when the lease is not ours.</summary>
    internal TimeSpan? UntilRenewal()
    {
        lock (_state)
        {
            if ((_renewing ?? _held) is not { LockUntil: { } until })
            {
                return null;
            }

            TimeSpan left = until - time.GetUtcNow();
            return IsDue(left) ? TimeSpan.Zero : left - settings.LockRenewalDuration;
        }
    }

    /// <summary>The lock has run out: another hub may take the edge over.</summary>
    internal bool HasRunOut()
    {
        lock (_state)
        {
            return _held is not { LockUntil: { } until } || until <= time.GetUtcNow();
        }
    }

    internal FenceOperation NextFenceOperation(long fence, bool always)
    {
        lock (_state)
        {
            if (_held is null || fence != _fence || (!always && !IsDue(_renewing ?? _held)))
            {
                return new FenceOperation(ToCheck(fence), null);
            }

            LeaseDocument renewed = New();
            _renewing = renewed;
            return new FenceOperation(new ModifyRequest(EdgeLayout.Lease, [.. Same(fence), Write(renewed)]), renewed);
        }
    }

    internal void Confirmed(FenceOperation fence)
    {
        if (fence.Renewal is not { } renewed)
        {
            return;
        }

        lock (_state)
        {
            if (_renewing == renewed)
            {
                (_held, _renewing) = (renewed, null);
                _view = ViewOf(renewed, _fence, isOurs: true);
            }
        }
    }

    internal void NotApplied(FenceOperation fence)
    {
        lock (_state)
        {
            if (fence.Renewal is { } renewed && _renewing == renewed)
            {
                _renewing = null;
            }
        }
    }

    internal LeaseLostException Lost(long fence)
    {
        lock (_state)
        {
            if (fence == _fence && _held is not null)
            {
                (_held, _renewing) = (null, null);
                _view = _view with { Holder = null, IsOurs = false, LockUntil = null, OptionUntil = null, SeenUtc = time.GetUtcNow() };
                LeaseLog.Lost(log, edge, fence);
            }
        }

        return new LeaseLostException(edge, $"edge {edge}: the lease with fence {fence} is no longer this hub's; nothing of the batch was applied");
    }

    /// <returns>When it may be asked for again; null when it may be taken now.</returns>
    private DateTimeOffset? WaitFor(LeaseEntry entry, bool forced)
    {
        if (entry.Document is not { } other || IsOwn(other))
        {
            return null;
        }

        lock (_state)
        {
            (_held, _renewing) = (null, null);
            if (!_seen.Span.SequenceEqual(entry.Octets.Span))
            {
                (_seen, _seenSince) = (entry.Octets, time.GetTimestamp());
            }

            _view = ViewOf(other, entry.Fence, isOurs: false);
        }

        bool isLocked = other.LockUntil is not null;
        TimeSpan length = TimeSpan.FromSeconds(Math.Min(isLocked ? other.LockSeconds : other.OptionSeconds, LeaseSettings.MostOption.TotalSeconds));
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset byClock = (other.LockUntil ?? other.OptionUntil) + settings.Tolerance(length);

        // Renewed it would have changed: this holds whatever the two clocks say.
        DateTimeOffset bySilence = now + length - time.GetElapsedTime(_seenSince);
        DateTimeOffset until = byClock < bySilence ? byClock : bySilence;
        return until <= now || (forced && !isLocked) ? null : until;
    }

    /// <summary>Another session, and nothing has changed meanwhile: nothing to write.</summary>
    private LeaseAnswer? Continue(LeaseSession session, LeaseEntry entry)
    {
        lock (_state)
        {
            if (_held is not { } held || _fence != entry.Fence || IsDue(held) || !held.ToOctets().AsSpan().SequenceEqual(entry.Octets.Span))
            {
                return null;
            }

            _session = session.Directory;
            return Ours(_fence, held);
        }
    }

    private async Task<LeaseAnswer?> TakeAsync(LeaseSession session, LeaseEntry entry, CancellationToken cancellationToken)
    {
        bool isRenewal;
        lock (_state)
        {
            isRenewal = _held is not null && _fence == entry.Fence && entry.Document is { } own && IsOwn(own) && own.Process == process;
        }

        long fence = isRenewal ? entry.Fence : entry.Fence + 1;
        LeaseDocument taken = New();
        LdapAnswer answer = await session.UpdateAsync(
            new ModifyRequest(
                EdgeLayout.Lease, Write(taken), new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Fence, LeaseEntry.Print(fence)))),
            [AssertionControl.Create(entry.AsItWas())],
            cancellationToken);
        if (answer.Result.Code == LdapResultCode.AssertionFailed)
        {
            return null;
        }

        answer.Result.ThrowIfFailed($"take the lease of edge {edge}");
        lock (_state)
        {
            (_held, _renewing, _fence, _session) = (taken, null, fence, session.Directory);
            _view = ViewOf(taken, fence, isOurs: true);
        }

        if (!isRenewal)
        {
            LeaseLog.Taken(log, edge, fence, entry.Document?.Holder ?? "nobody");
        }

        return Ours(fence, taken);
    }

    private LeaseAnswer Ours(long fence, LeaseDocument held) => new(true, fence, hub, held.LockUntil ?? held.OptionUntil);

    private bool IsOwn(LeaseDocument lease) => string.Equals(lease.Holder, hub, StringComparison.OrdinalIgnoreCase);

    private bool IsDue(LeaseDocument held) => held.LockUntil is not { } until || IsDue(until - time.GetUtcNow());

    /// <summary>More left than a lock is long: our clock was set back. For other hubs, silence would be what counts then.</summary>
    private bool IsDue(TimeSpan left) => left <= settings.LockRenewalDuration || left > settings.LockDuration;

    private LeaseDocument New()
    {
        DateTimeOffset now = time.GetUtcNow();
        return new LeaseDocument(
            LeaseDocument.CurrentVersion, hub, process, now + settings.LockDuration, now + settings.OptionDuration,
            settings.LockDuration.TotalSeconds, settings.OptionDuration.TotalSeconds);
    }

    private void Note(LeaseDocument lease, long fence, bool isOurs)
    {
        lock (_state)
        {
            _view = ViewOf(lease, fence, isOurs);
        }
    }

    private LeaseView ViewOf(LeaseDocument lease, long fence, bool isOurs) =>
        new(edge, lease.Holder, isOurs, lease.LockUntil, lease.OptionUntil, fence, time.GetUtcNow());

    internal static ModifyRequest ToCheck(long fence) => new(EdgeLayout.Lease, Same(fence));

    /// <summary>Fails with noSuchAttribute where the fence is another one, and changes nothing where it is not.</summary>
    private static Modification[] Same(long fence)
    {
        LdapAttribute value = new(PosternAttributes.Fence, LeaseEntry.Print(fence));
        return [new(ModificationType.Delete, value), new(ModificationType.Add, value)];
    }

    private static Modification Write(LeaseDocument lease) =>
        new(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeSyncLease, lease.ToOctets()));
}

internal static partial class LeaseLog
{
    [LoggerMessage(3501, LogLevel.Information, "Edge {Edge}: this hub has the lease, fence {Fence}; before it had {Before}")]
    public static partial void Taken(ILogger log, string edge, long fence, string before);

    [LoggerMessage(3502, LogLevel.Warning, "Edge {Edge}: the lease with fence {Fence} is lost to another hub, or the edge was begun anew")]
    public static partial void Lost(ILogger log, string edge, long fence);

    [LoggerMessage(3503, LogLevel.Information, "Edge {Edge}: the lock with fence {Fence} is given back, the option runs until {Until}")]
    public static partial void Released(ILogger log, string edge, long fence, DateTimeOffset until);

    [LoggerMessage(3504, LogLevel.Warning, "Edge {Edge}: the lock could not be renewed: {Reason}; it is tried again until it ends")]
    public static partial void NotRenewed(ILogger log, string edge, string reason);

    [LoggerMessage(3505, LogLevel.Warning, "Edge {Edge}: the lock ended without being renewed; another hub may take the edge over")]
    public static partial void RanOut(ILogger log, string edge);
}
