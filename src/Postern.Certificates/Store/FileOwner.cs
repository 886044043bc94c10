using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Postern.Certificates;

/// <summary>Whose a file is. What root makes in a daemon's folder must belong to the daemon's user, or the daemon cannot open it.</summary>
public static partial class FileOwner
{
    /// <summary>AT_FDCWD, and the masks STATX_UID | STATX_GID and the layout of struct statx: statx(2), the same on every architecture.</summary>
    private const int CurrentFolder = -100;
    private const uint UserAndGroup = 0x8 | 0x10;
    private const int StatxBytes = 256;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;

    /// <summary>Gives a file or a folder to the owner of the folder it is in. Does nothing for anybody but root, and where there is no such thing.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void InheritFromFolder(string path)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !Path.Exists(path))
        {
            return;
        }

        (uint user, uint group) = Of(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (Chown(path, user, group) != 0)
        {
            throw new IOException($"'{path}' cannot be given to the owner of its folder: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    /// <summary>Numbers of user and group; 0 and 0 where the system is not Linux.</summary>
    /// <exception cref="IOException">There is no such file, or the system refuses.</exception>
    internal static (uint User, uint Group) Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (0, 0);
        }

        byte[] status = new byte[StatxBytes];
        return Statx(CurrentFolder, path, 0, UserAndGroup, status) == 0
            ? (BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(UserOffset)), BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(GroupOffset)))
            : throw new IOException($"whose '{path}' is cannot be found out: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>Whether the file belongs to the user of this process. True where there is no such thing.</summary>
    public static bool IsMine(string path) => !OperatingSystem.IsLinux() || Of(path).User == EffectiveUser();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte[] status);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);
}
