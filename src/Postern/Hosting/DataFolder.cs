using Postern.Certificates;
using Postern.EdgeSync;
using Postern.Operations;

namespace Postern.Hosting;

/// <summary>A data folder in use: made with the right permissions, and locked until disposed.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "daemon.lock";

    private const UnixFileMode EnterableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <summary>The edge's folder is 0711, so that Postfix reaches the socketmap socket; what is private in it is 0700.</summary>
    /// <exception cref="OperationException">Not writable, open to others, or in use by another daemon.</exception>
    public static DataFolder OpenEdge(string root, string privateFolder)
    {
        Refuse(File.Exists(new HubPaths(root).DatabaseFile), root, "a hub", "an edge");
        return Guard(root, () =>
        {
            if (!OperatingSystem.IsWindows() && !System.IO.Directory.Exists(root))
            {
                // The umask of whoever starts the edge takes rights away from what is made: with 077 Postfix would stand before a closed door.
                System.IO.Directory.CreateDirectory(root, EnterableByAll).UnixFileMode = EnterableByAll;
            }

            PrivateFile.CreateFolder(privateFolder);
            return privateFolder;
        });
    }

    /// <summary>The hub's folder is 0700.</summary>
    /// <exception cref="OperationException">Not writable, open to others, or in use by another daemon.</exception>
    public static DataFolder OpenHub(string root)
    {
        Refuse(System.IO.Directory.Exists(new EdgePaths(root).Private), root, "an edge", "a hub");
        return Guard(root, () =>
        {
            PrivateFile.CreateFolder(root);
            return root;
        });
    }

    /// <summary>True when the socket lies in the data folder and the folder, which somebody else made, lets nobody else through.</summary>
    public static bool HidesFromOthers(string root, string? socket) =>
        socket is not null
        && !OperatingSystem.IsWindows()
        && Path.GetFullPath(socket).StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        && !File.GetUnixFileMode(root).HasFlag(UnixFileMode.OtherExecute);

    public void Dispose() => _lock.Dispose();

    private static void Refuse(bool isOther, string root, string owner, string wanted)
    {
        if (isOther)
        {
            throw new OperationException(
                FailureCategory.Failed, "wrongFolder", $"{root} is the data folder of {owner}, not of {wanted}", "give --data a folder of its own");
        }
    }

    private static DataFolder Guard(string root, Func<string> prepare)
    {
        try
        {
            string path = Path.Combine(prepare(), LockName);
            try
            {
                return new DataFolder(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (File.Exists(path))
            {
                throw new OperationException(
                    FailureCategory.Conflict, "alreadyRunning", $"another daemon is running on {root}", "stop it, or give this one another --data folder", e);
            }
        }
        catch (Exception e) when (e is PrivateFileException or UnauthorizedAccessException or IOException)
        {
            throw new OperationException(
                FailureCategory.Failed, "dataFolder", $"the data folder {root} cannot be used: {e.Message}", "check --data, its permissions and its disk", e);
        }
    }
}
