using Postern.Ldap;
using SQLitePCL;

namespace Postern.Directory.Storage;

/// <summary>SQLite said no. Stays inside this room: callers get an <see cref="LdapResult"/> or a <see cref="DirectoryStoreException"/>.</summary>
/// <param name="code">Extended result code, https://sqlite.org/rescode.html.</param>
internal sealed class StoreFailureException(int code, int systemError, string message)
    : Exception($"{message} (SQLite code {code}{(systemError == 0 ? "" : $", system error {systemError}")})")
{
    /// <summary>ENOSPC and EDQUOT of Linux: a full disk shows as an input/output error where SQLite does not expect it (the shared memory file).</summary>
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>EPERM, EACCES and EROFS of Linux: the file was made immutable, its permissions were taken away, or the disk became read-only
    /// (as a kernel does to a file system after an error) under an open file. SQLite calls that an input/output error.</summary>
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    public const int ReadOnlyDisk = 30;

    /// <summary>SQLITE_READONLY_DBMOVED.</summary>
    public const int Moved = raw.SQLITE_READONLY | (4 << 8);

    public int Code => code;

    /// <summary>The low octet, without the extension.</summary>
    public int PrimaryCode => code & 0xff;

    public StoreFault Fault => PrimaryCode switch
    {
        _ when systemError is NoSpace or QuotaExceeded => StoreFault.Full,
        _ when systemError is NotPermitted or AccessDenied or ReadOnlyDisk => StoreFault.ReadOnly,
        _ when code == Moved => StoreFault.Replaced,
        raw.SQLITE_READONLY => StoreFault.ReadOnly,
        raw.SQLITE_FULL => StoreFault.Full,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT => StoreFault.Damaged,
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StoreFault.Locked,
        _ => StoreFault.Unavailable,
    };

    /// <summary>What the callers of a failed commit or search are told. Nothing of it was applied.</summary>
    public LdapResult ToResult() => Fault switch
    {
        StoreFault.Full => new LdapResult(
            LdapResultCode.UnwillingToPerform,
            "the directory's disk is full or its file at its limit; nothing was changed, and writes go on when there is room again"),
        StoreFault.ReadOnly => new LdapResult(
            LdapResultCode.UnwillingToPerform,
            $"the directory's file or its disk is read-only: {Message}; nothing was changed, and writes go on when it can be written again"),
        StoreFault.Replaced => new LdapResult(
            LdapResultCode.Unavailable,
            "the directory's file was removed or replaced while the directory runs; nothing was changed. Put it back, or stop and restore a backup"),
        StoreFault.Locked => new LdapResult(LdapResultCode.Busy, $"the directory's file is in use by another program: {Message}"),
        StoreFault.Damaged => new LdapResult(
            LdapResultCode.Unavailable, $"the directory's file is damaged: {Message}; stop, restore it from a copy or remove it and synchronize anew"),
        _ => new LdapResult(LdapResultCode.Unavailable, $"the directory's file cannot be read or written: {Message}"),
    };
}
