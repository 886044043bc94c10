namespace Postern.Ldap;

/// <summary>Mode of a content synchronization, RFC 4533 section 2.2.</summary>
public enum SyncMode
{
    RefreshOnly = 1,
    RefreshAndPersist = 3,
}

/// <summary>What became of an entry, RFC 4533 section 2.3.</summary>
public enum SyncEntryState
{
    Present = 0,
    Add = 1,
    Modify = 2,
    Delete = 3,
}

/// <summary>Sync Request control, RFC 4533 section 2.2.</summary>
/// <param name="Cookie">Null: from the beginning.</param>
/// <param name="ReloadHint">Rather start afresh than answer <see cref="LdapResultCode.SyncRefreshRequired"/>.</param>
public sealed record SyncRequest(SyncMode Mode, ReadOnlyMemory<byte>? Cookie, bool ReloadHint);

/// <summary>Sync State control, RFC 4533 section 2.3; on each entry and reference.</summary>
public sealed record SyncState(SyncEntryState State, Guid EntryUuid, ReadOnlyMemory<byte>? Cookie);

/// <summary>Sync Done control, RFC 4533 section 2.4; on the result.</summary>
/// <param name="RefreshDeletes">Deletes were told one by one; false: what was not mentioned is gone.</param>
public sealed record SyncDone(ReadOnlyMemory<byte>? Cookie, bool RefreshDeletes);

/// <summary>Sync Info message, RFC 4533 section 2.5: one of four choices.</summary>
public abstract record SyncInfo;

public sealed record SyncNewCookie(ReadOnlyMemory<byte> Cookie) : SyncInfo;

/// <param name="Done">The refresh stage ends here.</param>
public sealed record SyncRefreshDelete(ReadOnlyMemory<byte>? Cookie, bool Done) : SyncInfo;

/// <param name="Done">The refresh stage ends here.</param>
public sealed record SyncRefreshPresent(ReadOnlyMemory<byte>? Cookie, bool Done) : SyncInfo;

/// <param name="RefreshDeletes">The entries are gone; false: they are present and unchanged.</param>
public sealed record SyncIdSet(ReadOnlyMemory<byte>? Cookie, bool RefreshDeletes, IReadOnlyList<Guid> EntryUuids) : SyncInfo;
