namespace Postern.Directory;

/// <summary>Why a directory's file cannot be used.</summary>
public enum StoreFault
{
    /// <summary>Not a Postern directory, or damaged.</summary>
    Damaged,

    /// <summary>Written by a newer Postern.</summary>
    NewerVersion,

    /// <summary>Written by an older Postern; only opening it for use brings it up to date.</summary>
    OlderVersion,

    /// <summary>Another process has it open.</summary>
    Locked,

    /// <summary>No room on the disk, or the file is at its limit.</summary>
    Full,

    /// <summary>The file, its folder or the whole disk cannot be written; it can be read.</summary>
    ReadOnly,

    /// <summary>Removed, moved or replaced under the process that has it open.</summary>
    Replaced,

    /// <summary>Everything else the operating system may say: no such folder, no permission, an input/output error.</summary>
    Unavailable,
}

/// <summary>The directory's file cannot be opened or read; the message names the file, the reason and what to do.</summary>
public sealed class DirectoryStoreException(StoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreFault Fault { get; } = fault;
}
