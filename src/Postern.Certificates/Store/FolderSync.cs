using System.Runtime.InteropServices;

namespace Postern.Certificates;

/// <summary>Makes a create or rename in a folder durable: fsync(2) on the folder itself.</summary>
public static partial class FolderSync
{
    // O_RDONLY is 0 on every Unix (POSIX leaves the value open, all implementations agree).
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The folder cannot be opened, or its disk failed.</exception>
    public static void Flush(string folder)
    {
        // NTFS journals its names; there is no call for it.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Failed("opened", folder);
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed("synchronized to disk", folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string what, string folder) =>
        new($"folder '{folder}' could not be {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
