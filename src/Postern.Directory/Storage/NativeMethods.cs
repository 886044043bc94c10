using System.Runtime.InteropServices;

namespace Postern.Directory.Storage;

/// <summary>What SQLitePCLRaw leaves out.</summary>
internal static class NativeMethods
{
    /// <summary>errno of the last failed system call, https://sqlite.org/c3ref/system_errno.html: tells a full disk from other input/output errors.</summary>
    [DllImport("e_sqlite3", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static extern int sqlite3_system_errno(nint database);
}
