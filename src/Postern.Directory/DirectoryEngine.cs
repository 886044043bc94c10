using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory.Searching;
using Postern.Directory.Storage;
using Postern.Directory.Synchronization;
using Postern.Directory.Updates;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory;

/// <summary>
/// An LDAP directory in one SQLite file: many readers, each with a snapshot of its own, and one writer thread that makes the updates
/// of all callers durable in common commits.
/// </summary>
public sealed class DirectoryEngine : IAsyncDisposable
{
    private readonly StoreFile _file;
    private readonly SearchContext _context;
    private readonly EntryRules _rules;
    private readonly UpdateRequests _updates;
    private readonly SyncProvider _provider;
    private readonly PasswordChange _passwords;
    private readonly WriteQueue _queue;
    private readonly CommitSignal _signal = new();
    private readonly CommitLoop _loop;
    private readonly LogCheckpoint _checkpoint;
    private readonly ILogger _log;
    private int _disposed;

    private DirectoryEngine(
        StoreFile file, DirectoryOptions options, DirectorySchema schema, IAccessPolicy policy, IReadOnlyList<DistinguishedName> suffixes, TimeProvider time, ILogger log)
    {
        (_file, _log) = (file, log);
        LdapLimits limits = new() { MaxMessageBytes = options.MaxEntryBytes, MaxAttributes = int.MaxValue, MaxValues = int.MaxValue };
        IndexSet indexes;
        using (Database database = file.OpenWriter())
        {
            indexes = IndexSet.Load(database, schema, options.IndexedAttributes, limits);
        }

        TreePlaces places = new();
        RowCache rows = new(options.CachedEntries);
        NameCache names = new();
        _rules = new EntryRules(schema, indexes);
        _context = new SearchContext(
            options, schema, indexes, policy, new ReaderPool(file, options, places, rows, suffixes, () => Commits), new VirtualEntries(options, schema, time), suffixes, names, limits, time, log);
        _queue = new WriteQueue(options.MaxQueuedOperations, options.MaxGroupOperations);
        _checkpoint = new LogCheckpoint(file, options, () => _context.Readers.DropIdleSnapshots(), log);
        _loop = new CommitLoop(_queue, OpenWriter, file.EnsureInPlace, places, rows, _checkpoint, _signal, time, log);
        _updates = new UpdateRequests(_context, new UpdatePreparation(options, _rules, policy, suffixes, names), _queue);
        _provider = new SyncProvider(_context, _signal);
        _passwords = new PasswordChange(_context, _updates, dn => ReadWhole(dn)?.Entry);
        _checkpoint.Start();
        _loop.Start();
        Log.Opened(log, options.Path, StoreLayout.Version, options.IndexedAttributes.Count, file.WasCheckedInFull);

        (Database, EntryWriter) OpenWriter()
        {
            Database database = file.OpenWriter();
            try
            {
                return (database, new EntryWriter(database, options, _rules, indexes, suffixes, limits));
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
    }

    /// <summary>Commits since the opening: fewer than updates, by what callers shared. Grows after a commit has become visible to searches,
    /// never before: what was read under one number is still so while the number stands.</summary>
    public long Commits => _loop.Commits;

    /// <summary>Ends once <see cref="Commits"/> is another number than <paramref name="seen"/>.</summary>
    public async Task WaitForCommitAsync(long seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next = _signal.NextAsync();
            if (Commits != seen)
            {
                return;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal int MaxPasswordsWaiting => _context.Options.MaxPasswordsWaiting;

    /// <summary>Whether the opening read the whole file.</summary>
    internal bool WasCheckedInFull => _file.WasCheckedInFull;

    /// <summary>Opens the directory; makes it when there is none, and brings an older one up to date.</summary>
    /// <exception cref="DirectoryStoreException">Damaged, newer, locked, disk full, or not accessible.</exception>
    /// <exception cref="ArgumentException">The options do not fit the schema or each other.</exception>
    public static DirectoryEngine Open(
        DirectoryOptions options, DirectorySchema schema, IAccessPolicy policy, TimeProvider time, ILoggerFactory? log = null)
    {
        List<DistinguishedName> suffixes = ReadSuffixes(options);
        StoreFile file = StoreFile.Open(options);
        try
        {
            ILogger logger = (ILogger?)log?.CreateLogger("Postern.Directory") ?? NullLogger.Instance;
            return new DirectoryEngine(file, options, schema, policy, suffixes, time, logger);
        }
        catch (StoreFailureException e)
        {
            file.Dispose();
            throw StoreFile.Explain(options.Path, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The directory as <paramref name="principal"/> sees it.</summary>
    public IControlledDirectory As(Principal principal) => new DirectoryView(_context, _provider, _updates, _passwords, _rules, principal);

    /// <summary>Compares entries, tree and indexes, and SQLite's own structure, over one snapshot; writes go on meanwhile.</summary>
    /// <returns>What does not fit, one line each, at most 100; empty when all is well.</returns>
    /// <exception cref="DirectoryStoreException">The file cannot be read at all.</exception>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken = default) => Task.Run<IReadOnlyList<string>>(
        () =>
        {
            try
            {
                using Database database = _file.OpenReader();
                return new ConsistencyCheck(database, _context.Schema, _context.Indexes, _context.Limits).Run(cancellationToken);
            }
            catch (StoreFailureException e)
            {
                throw StoreFile.Explain(_file.Path, e);
            }
        },
        cancellationToken);

    /// <summary>Waits for the updates that were accepted, then closes the file. Searches that still run end with <c>unavailable</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.Close();
        await Task.Run(Close).ConfigureAwait(false);
        Log.Closed(_log, _file.Path, _loop.Commits);
    }

    /// <summary>An entry by its name, without passwords; null when there is none. For those who cannot wait: it reads at once.</summary>
    /// <exception cref="LdapException">The store cannot be read.</exception>
    public LdapEntry? Find(string dn) => ReadWhole(DistinguishedName.Parse(dn)) is { } found ? new LdapEntry(found.Entry.Dn, found.Visible) : null;

    /// <summary>An entry with everything it holds, passwords included; for the parts of the engine that check them.</summary>
    internal (LdapEntry Entry, IReadOnlyList<LdapAttribute> Visible)? ReadWhole(DistinguishedName dn) => Read(session =>
    {
        TreeNode? node = session.Entries.Resolve(dn, session.Places, remember: false, out _);
        return node is null || session.Fetch(node.Id) is not { } row ? null : Whole(node.Dn, row);
    });

    /// <summary>The first child of an entry, whole; null when there is none.</summary>
    internal (LdapEntry Entry, IReadOnlyList<LdapAttribute> Visible)? ReadFirstChild(DistinguishedName dn) => Read(session =>
    {
        TreeNode? parent = session.Entries.Resolve(dn, session.Places, remember: true, out _);
        if (parent is null || !session.Children.Bind(1, parent.Id).Bind(2, 0).Step())
        {
            return null;
        }

        EntryRow row = EntryRow.Read(session.Children);
        return Whole($"{row.Rdn},{parent.Dn}", row);
    });

    private (LdapEntry, IReadOnlyList<LdapAttribute>)? Whole(string dn, EntryRow row)
    {
        IReadOnlyList<LdapAttribute> attributes = AttributeListCodec.Decode(row.Attributes, _context.Limits);
        return (new LdapEntry(dn, attributes), [.. attributes.Where(a => !SchemaWords.IsSecret(a.Description))]);
    }

    private T Read<T>(Func<ReadSession, T> read)
    {
        try
        {
            if (!_context.Readers.TryRent(DirectoryRole.System, out ReadSession? session))
            {
                throw new LdapException(LdapResultCode.Busy, "as many searches run as this directory allows; try again later");
            }

            bool healthy = false;
            try
            {
                T result = read(session);
                session.End();
                healthy = true;
                return result;
            }
            finally
            {
                _context.Readers.Return(session, healthy);
            }
        }
        catch (StoreFailureException e)
        {
            Log.SearchFailed(_log, e.Message);
            throw new LdapException(e.ToResult(), "read");
        }
    }

    private void Close()
    {
        _loop.Join();
        _checkpoint.Dispose();
        _context.Readers.Dispose();
        _signal.Raise(); // after it: who waits for commits looks once more, and finds the directory closed
        _loop.Dispose();
        _file.Dispose();
    }

    private static List<DistinguishedName> ReadSuffixes(DirectoryOptions options)
    {
        List<DistinguishedName> suffixes = [];
        foreach (string text in options.Suffixes)
        {
            if (!DistinguishedName.TryParse(text, out DistinguishedName suffix, out string error) || suffix.IsRoot)
            {
                throw new ArgumentException($"Suffixes: \"{text}\" is no name of a naming context: {error}", nameof(options));
            }

            if (suffixes.Find(other => suffix.IsWithin(other) || other.IsWithin(suffix)) is { } overlapping)
            {
                throw new ArgumentException($"Suffixes: {suffix} and {overlapping} lie within each other", nameof(options));
            }

            suffixes.Add(suffix);
        }

        return suffixes;
    }
}
