using System.Runtime.InteropServices;

namespace Postern.Directory.Storage;

/// <summary>What SQLitePCLRaw leaves out.</summary>
internal static class NativeMethods
{
    /// <summary>errno of the last failed system call, https://sqlite.org/c3ref/system_errno.html: tells a full disk from other input/output errors.</summary>
    [DllImport("e_sqlite3", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static extern int sqlite3_system_errno(nint database);

    /// <summary>https://sqlite.org/c3ref/file_control.html.</summary>
    [DllImport("e_sqlite3", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static extern int sqlite3_file_control(nint database, nint name, int operation, out int argument);
}
