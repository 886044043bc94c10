using Microsoft.Extensions.Logging;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>
/// The writer thread. Takes all units that wait (up to a bound), applies them in one transaction, makes it durable with one fsync, then
/// answers every caller. A commit that fails answers exactly the callers of that group with the reason; the next group starts afresh.
/// </summary>
internal sealed class CommitLoop : IDisposable
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    private readonly WriteQueue _queue;
    private readonly Func<(Database Database, EntryWriter Writer)> _open;
    private readonly Action _ensureInPlace;
    private readonly TreePlaces _places;
    private readonly RowCache _rows;
    private readonly LogCheckpoint _checkpoint;
    private readonly CommitSignal _signal;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private (Database Database, EntryWriter Writer)? _connection;
    private long _commits;

    public CommitLoop(
        WriteQueue queue, Func<(Database, EntryWriter)> open, Action ensureInPlace, TreePlaces places, RowCache rows, LogCheckpoint checkpoint,
        CommitSignal signal, TimeProvider time, ILogger log)
    {
        (_queue, _open, _ensureInPlace, _places, _rows) = (queue, open, ensureInPlace, places, rows);
        (_checkpoint, _signal, _time, _log) = (checkpoint, signal, time, log);
        _connection = open();
        _thread = new Thread(Run) { IsBackground = true, Name = "directory writer" };
    }

    /// <summary>Commits so far; less than the units by what they shared.</summary>
    public long Commits => Volatile.Read(ref _commits);

    public void Start() => _thread.Start();

    /// <summary>Call after the queue was closed.</summary>
    public void Join() => _thread.Join();

    public void Dispose() => _connection?.Database.Dispose();

    private void Run()
    {
        List<WriteUnit> group = [];
        while (_queue.Take(group))
        {
            group.RemoveAll(unit => !unit.TryStart());
            if (group.Count > 0)
            {
                Write(group);
            }

            group.Clear();
        }
    }

    private void Write(List<WriteUnit> group)
    {
        try
        {
            _ensureInPlace();
            (Database database, EntryWriter writer) = _connection ??= _open();
            Commit(database, writer, group);
        }
        catch (StoreFailureException e)
        {
            Log.CommitFailed(_log, group.Count, e.Message);
            Abandon(e);
            LdapResult result = e.ToResult();
            group.ForEach(unit => unit.Fail(result));
            return;
        }
#pragma warning disable CA1031 // The writer thread must outlive every surprise: without it the directory would hang instead of failing.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CommitBroke(_log, group.Count, e);
            Abandon(null);
            LdapResult result = new(LdapResultCode.Other, $"the directory failed on this update ({e.GetType().Name}); nothing was changed, its log has the details");
            group.ForEach(unit => unit.Fail(result));
            return;
        }

        group.ForEach(unit => unit.Complete());
    }

    private void Commit(Database database, EntryWriter writer, List<WriteUnit> group)
    {
        database.Execute("BEGIN IMMEDIATE");
        bool applied;
        if (!TryApply(database, writer, group, savepoints: false, out applied))
        {
            // A batch was refused half-way, which is rare: start again, this time with a savepoint around each batch. Savepoints keep
            // copies of every page touched, which is why they are not the first choice.
            database.Execute("ROLLBACK");
            writer.RolledBack(whole: true);
            database.Execute("BEGIN IMMEDIATE");
            TryApply(database, writer, group, savepoints: true, out applied);
        }

        if (!applied)
        {
            database.Execute("ROLLBACK");
            writer.RolledBack(whole: true);
            return;
        }

        writer.Finish();
        bool treeChanged = writer.TreeChanged;
        if (treeChanged)
        {
            _places.BeginChange();
        }

        bool rowsChanged = writer.RowsChanged;
        if (rowsChanged)
        {
            _rows.BeginChange();
        }

        try
        {
            database.Execute("COMMIT");
            writer.Committed();
            Volatile.Write(ref _commits, _commits + 1);
        }
        finally
        {
            if (treeChanged)
            {
                _places.EndChange();
            }

            if (rowsChanged)
            {
                _rows.EndChange();
            }
        }

        _signal.Raise();
        _checkpoint.Committed(database);
    }

    /// <returns>False when a batch was refused after some of it was written, and there is no savepoint to go back to.</returns>
    private bool TryApply(Database database, EntryWriter writer, List<WriteUnit> group, bool savepoints, out bool applied)
    {
        long now = (_time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TicksPerMicrosecond;
        applied = false;
        foreach (WriteUnit unit in group)
        {
            bool savepoint = savepoints && unit.Updates.Count > 1;
            if (savepoint)
            {
                writer.Flush();
                database.Execute("SAVEPOINT batch");
            }

            int done = 0;
            try
            {
                for (; done < unit.Updates.Count; done++)
                {
                    unit.Respond(done, writer.Apply(unit.Updates[done], now));
                }

                unit.Outcome = new BatchResult(LdapResult.Success);
                applied = true;
            }
            catch (LdapException e)
            {
                unit.Outcome = new BatchResult(e.Result, done);
                if (savepoint)
                {
                    database.Execute("ROLLBACK TO batch");
                    writer.RolledBack(whole: false);
                }
                else if (done > 0)
                {
                    return false;
                }
            }

            if (savepoint)
            {
                writer.Flush();
                database.Execute("RELEASE batch");
            }
        }

        return true;
    }

    /// <summary>Leaves the failed transaction, and the connection too where it may carry damage on.</summary>
    private void Abandon(StoreFailureException? failure)
    {
        if (_connection is not var (database, writer))
        {
            return;
        }

        try
        {
            if (database.InTransaction)
            {
                database.Execute("ROLLBACK");
            }

            writer.RolledBack(whole: true);
        }
        catch (StoreFailureException e)
        {
            Log.RollbackFailed(_log, e.Message);
            failure = e;
        }

        // A full disk leaves the connection as good as it was, and so does a file that is not where it was: it may come back. After an
        // input/output error SQLite's view of the files may be old.
        if (failure is not { Fault: StoreFault.Full or StoreFault.Locked or StoreFault.Replaced })
        {
            database.Dispose();
            _connection = null;
        }
    }
}
