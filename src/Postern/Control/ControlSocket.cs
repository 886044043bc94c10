using System.Text;

namespace Postern.Control;

/// <summary>Which daemon owns a data folder.</summary>
public enum DaemonSide
{
    Edge,
    Hub,
}

/// <summary>Where a daemon of a data folder listens for verbs. The permissions of the folder around the socket are the access control.</summary>
public static class ControlSocket
{
    /// <summary>Longest name of a Unix socket in octets of UTF-8: sun_path of 108 without its final NUL, unix(7).</summary>
    public const int MaxPathOctets = 107;

    private const string FileName = "control.sock";

    /// <summary>The folder of an edge that nobody else may enter; its presence is what tells an edge's data folder from a hub's.</summary>
    private const string EdgePrivateFolder = "private";

    public static string PathFor(DaemonSide side, string dataFolder) => side == DaemonSide.Edge
        ? Path.Combine(dataFolder, EdgePrivateFolder, FileName)
        : Path.Combine(dataFolder, FileName);

    /// <summary>The side whose daemon keeps, or would keep, this folder.</summary>
    public static DaemonSide SideOf(string dataFolder) =>
        System.IO.Directory.Exists(Path.Combine(dataFolder, EdgePrivateFolder)) ? DaemonSide.Edge : DaemonSide.Hub;

    /// <exception cref="CommandFailure">The name does not fit a Unix socket address.</exception>
    public static string CheckLength(string path)
    {
        int octets = Encoding.UTF8.GetByteCount(path);
        return octets <= MaxPathOctets
            ? path
            : throw CommandFailure.WrongUsage(
                $"the path of the socket {path} has {octets} octets; Unix sockets allow {MaxPathOctets}",
                "choose a shorter --data folder, or reach it through a shorter symbolic link");
    }
}
