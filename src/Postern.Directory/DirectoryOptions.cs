namespace Postern.Directory;

/// <summary>What a directory engine is opened with. Sizes and times name their unit.</summary>
public sealed record DirectoryOptions
{
    /// <summary>The database file; made (mode 0600) when missing. Beside it live <c>-wal</c>, <c>-shm</c>, <c>.lock</c> and <c>.clean</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Naming contexts, e.g. <c>o=edge</c>. Their entries are the only ones without a parent. None may lie within another.</summary>
    public IReadOnlyList<string> Suffixes { get; init; } = [];

    /// <summary>Attribute types with an index (equality, presence; prefix for those whose values are text). A change is made good at the
    /// next opening, which then takes time linear in the number of entries.</summary>
    public IReadOnlyList<string> IndexedAttributes { get; init; } = [];

    /// <summary>Searches that run at the same time at most; each has a connection and a snapshot of its own. As many again for the
    /// process itself. Default 32.</summary>
    public int ReadConnections { get; init; } = 32;

    /// <summary>How long a search waits for a free connection before it is answered <c>busy</c>. Default 10 seconds.</summary>
    public TimeSpan ReadConnectionWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Page cache of the writer, in KiB. Default 65536 (64 MiB): the indexes of a million recipients.</summary>
    public int WriterCacheKiB { get; init; } = 64 * 1024;

    /// <summary>Page cache of one read connection, in KiB; filled as far as pages are read. Default 16384: the index of 200,000 recipients. The
    /// operating system caches the file once for all of them, at the price of a system call a page.</summary>
    public int ReaderCacheKiB { get; init; } = 16 * 1024;

    /// <summary>Small entries kept in memory for searches that find them by an index. A power of two; 0 keeps none. Default 131072: about
    /// 60 MiB of recipients when full.</summary>
    public int CachedEntries { get; init; } = 128 * 1024;

    /// <summary>Operations that one commit takes at most. Default 4096: some 2 MiB of recipients.</summary>
    public int MaxGroupOperations { get; init; } = 4096;

    /// <summary>Index rows that may gather before they move to the large index; for tests. See <see cref="Storage.KeyTable"/>.</summary>
    internal int MaxFreshKeys { get; init; } = Storage.KeyTable.MaxFreshRows;

    /// <summary>Operations that wait for the writer at most; more are answered <c>busy</c>. Default 65536.</summary>
    public int MaxQueuedOperations { get; init; } = 65536;

    /// <summary>Octets of one entry's attributes at most, as stored. Default 4 MiB, that of a message.</summary>
    public int MaxEntryBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Entries that one search returns at most, for every principal but the system; 0 is no limit. Default 0.</summary>
    public int MaxSearchEntries { get; init; }

    /// <summary>Entries that a sorted search (RFC 2891) orders at most; for each it keeps the values it sorts by, some 200 octets. A page
    /// of a sorted search needs only as many as it holds. Default 100,000.</summary>
    public int MaxSortedEntries { get; init; } = 100_000;

    /// <summary>How long one search may run at most, its reader's pace included; a snapshot that is held keeps the write-ahead log from
    /// being reused. Default 10 minutes.</summary>
    public TimeSpan MaxSearchTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Size of the write-ahead log, in KiB, from which it is copied into the database beside the writing. Default 32768.</summary>
    public int CheckpointKiB { get; init; } = 32 * 1024;

    /// <summary>Size of the write-ahead log, in KiB, from which the writer waits until it is copied. Default 262144 (256 MiB).</summary>
    public int MaxLogKiB { get; init; } = 256 * 1024;

    /// <summary>Deleted entries that are remembered for those who synchronize from this directory, and as many renamed ones; some 100 octets
    /// each. Who comes back after more than these is told all that is there instead of what went. Default 100,000.</summary>
    public int MaxRememberedDeletes { get; init; } = 100_000;

    /// <summary>Entries that one tree delete (draft-armijo-ldap-treedelete) removes at most; a larger one is refused
    /// (<c>adminLimitExceeded</c>). All of them are one commit, which other writers wait for. Default 10,000.</summary>
    public int MaxTreeDeleteEntries { get; init; } = 10_000;

    /// <summary>Updates of one transaction (RFC 5805) at most; a larger one is refused (<c>adminLimitExceeded</c>). Default 10,000, that of
    /// an LBURP batch.</summary>
    public int MaxTransactionUpdates { get; init; } = 10_000;

    /// <summary>Content synchronization searches (RFC 4533) that go on at the same time at most; more are answered <c>busy</c>. Default 64.</summary>
    public int MaxSynchronizations { get; init; } = 64;

    /// <summary>Logins to accounts whose password is hashed slowly that wait for their turn, and as many password changes; more are
    /// answered <c>busy</c>. Default 32, some 5 seconds.</summary>
    public int MaxPasswordsWaiting { get; init; } = 32;

    /// <summary>The database may not grow beyond this, in KiB; 0 is no limit. Default 0.</summary>
    public long MaxFileKiB { get; init; }

    /// <summary>supportedControl of the root DSE, RFC 4512 section 5.1.</summary>
    public IReadOnlyList<string> SupportedControls { get; init; } = [];

    /// <summary>supportedExtension of the root DSE.</summary>
    public IReadOnlyList<string> SupportedExtensions { get; init; } = [];

    /// <summary>supportedFeatures of the root DSE.</summary>
    public IReadOnlyList<string> SupportedFeatures { get; init; } = [];

    /// <summary>supportedSASLMechanisms of the root DSE.</summary>
    public IReadOnlyList<string> SupportedSaslMechanisms { get; init; } = [];
}
