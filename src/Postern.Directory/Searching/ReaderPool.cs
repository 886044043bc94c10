using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Read connections: opened when first needed, kept, and never more than the options say; and as many again for the process itself,
/// so that strangers who search keep nobody from logging on, and no mail from being looked up.</summary>
/// <param name="commits">Commits so far; grows after a commit has become visible. While it stands, so may a snapshot.</param>
internal sealed class ReaderPool(
    StoreFile file, DirectoryOptions options, TreePlaces places, RowCache rows, IReadOnlyList<DistinguishedName> suffixes, Func<long> commits) : IDisposable
{
    private readonly ConcurrentBag<ReadSession> _idle = [];
    private readonly SemaphoreSlim _free = new(options.ReadConnections);
    private readonly SemaphoreSlim _freeForSystem = new(options.ReadConnections);
    private volatile bool _closed;

    /// <summary>Connections that are open, used or idle.</summary>
    private int _open;

    /// <summary>A session whose snapshot is taken, when one is free at once.</summary>
    /// <exception cref="StoreFailureException">The file cannot be read.</exception>
    public bool TryRent(DirectoryRole role, [NotNullWhen(true)] out ReadSession? session)
    {
        SemaphoreSlim free = FreeFor(role);
        session = free.Wait(0) ? Begin(free) : null;
        return session is not null;
    }

    /// <exception cref="LdapException">busy: none came free in time.</exception>
    public async ValueTask<ReadSession> RentAsync(DirectoryRole role, CancellationToken cancellationToken)
    {
        SemaphoreSlim free = FreeFor(role);
        return await free.WaitAsync(options.ReadConnectionWait, cancellationToken).ConfigureAwait(false)
            ? Begin(free)
            : throw new LdapException(
                LdapResultCode.Busy, $"{options.ReadConnections} searches are running, which is as many as this directory allows; try again later");
    }

    public void Return(ReadSession session, bool healthy)
    {
        SemaphoreSlim free = session.Place!; // before somebody else has the session
        // Who came while the idle ones were out of their place for DropIdleSnapshots opened one too many.
        if (healthy && !_closed && Volatile.Read(ref _open) <= options.ReadConnections)
        {
            _idle.Add(session);
        }
        else
        {
            Close(session);
        }

        free.Release();
        if (_closed)
        {
            DisposeIdle();
        }
    }

    /// <summary>Before the log is copied: snapshots of connections that nobody uses must not hold it.</summary>
    /// <param name="meanwhile">Runs while idle connections are out of their place; for tests.</param>
    public void DropIdleSnapshots(Action? meanwhile = null)
    {
        List<ReadSession> idle = [];
        while (_idle.TryTake(out ReadSession? session))
        {
            session.DropSnapshot();
            idle.Add(session);
        }

        meanwhile?.Invoke();
        idle.ForEach(_idle.Add);
        if (_closed)
        {
            DisposeIdle();
        }
    }

    public void Dispose()
    {
        _closed = true;
        DisposeIdle();
    }

    public bool IsClosed => _closed;

    /// <summary>Connections that are open, used or idle.</summary>
    internal int Open => Volatile.Read(ref _open);

    private SemaphoreSlim FreeFor(DirectoryRole role) => role == DirectoryRole.System ? _freeForSystem : _free;

    private ReadSession Begin(SemaphoreSlim free)
    {
        ReadSession? session = null;
        try
        {
            if (_closed)
            {
                throw new LdapException(LdapResultCode.Unavailable, "the directory is closed");
            }

            if (!_idle.TryTake(out session))
            {
                session = new ReadSession(file.OpenReader(), places, rows, suffixes);
                Interlocked.Increment(ref _open);
            }

            session.Place = free;
            session.Begin(commits());
            return session;
        }
        catch
        {
            if (session is not null)
            {
                Close(session);
            }

            free.Release();
            throw;
        }
    }

    private void DisposeIdle()
    {
        while (_idle.TryTake(out ReadSession? session))
        {
            Close(session);
        }
    }

    private void Close(ReadSession session)
    {
        Interlocked.Decrement(ref _open);
        session.Dispose();
    }
}
