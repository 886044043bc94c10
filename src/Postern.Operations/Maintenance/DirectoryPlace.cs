using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.Operations.Maintenance;

/// <summary>The directory of a data folder: whose it is, where its file lies, how it is opened.</summary>
/// <param name="Side"><c>edge</c> or <c>hub</c>.</param>
/// <param name="Open">The engine with this directory's schema, on any file.</param>
internal sealed record DirectoryPlace(string Side, string Root, string File, string Suffix, DirectorySchema Schema, Func<string, DirectoryEngine> Open)
{
    private const string Edge = "edge";
    private const string Hub = "hub";

    /// <exception cref="OperationException">There is no directory.</exception>
    public static DirectoryPlace Find(string dataFolder) => TryFind(dataFolder) ?? throw new OperationException(
        FailureCategory.NotFound, "noDirectory", $"there is no directory in the data folder {Path.GetFullPath(dataFolder)}",
        "check --data; `postern edge run` or `postern hub run` makes one");

    /// <returns>Null: neither an edge nor a hub has been here.</returns>
    public static DirectoryPlace? TryFind(string dataFolder)
    {
        DirectoryPlace edge = OfEdge(dataFolder);
        DirectoryPlace hub = OfHub(dataFolder);
        return System.IO.File.Exists(edge.File) ? edge : System.IO.File.Exists(hub.File) ? hub : null;
    }

    /// <summary>The place for entries below a naming context, where there is no directory yet.</summary>
    /// <exception cref="OperationException">Neither an edge's nor a hub's.</exception>
    public static DirectoryPlace ForSuffix(string dataFolder, DistinguishedName name, string file)
    {
        foreach (DirectoryPlace place in (DirectoryPlace[])[OfEdge(dataFolder), OfHub(dataFolder)])
        {
            if (name.IsWithin(DistinguishedName.Parse(place.Suffix)))
            {
                return place;
            }
        }

        throw new OperationException(
            FailureCategory.BadRequest, "wrongSide", $"{file} holds entries below {name}; an edge has {EdgeLayout.Suffix}, a hub {OrganizationLayout.Suffix}",
            "give a file that `postern directory export` or `postern directory backup` wrote");
    }

    public void MakeFolders()
    {
        if (Side == Edge)
        {
            PosternDirectories.MakeEdgeFolders(new EdgePaths(Root));
        }
        else
        {
            PosternDirectories.MakeHubFolders(new HubPaths(Root));
        }
    }

    public OperationException IsRunning(string hint, Exception inner) =>
        new(FailureCategory.Conflict, "alreadyRunning", $"a daemon is running on {Root}", hint, inner);

    /// <summary>What root made here belongs to the daemon's user.</summary>
    public void GiveToOwner()
    {
        foreach (string suffix in (string[])["", ".lock", ".clean", "-wal", "-shm"])
        {
            FileOwner.InheritFromFolder(File + suffix);
        }
    }

    private static DirectoryPlace OfEdge(string dataFolder)
    {
        EdgePaths paths = new(Path.GetFullPath(dataFolder));
        return new DirectoryPlace(
            Edge, paths.Root, paths.DatabaseFile, EdgeLayout.Suffix, PosternSchema.Edge,
            file => PosternDirectories.OpenEdgeFile(file, TimeProvider.System, NullLoggerFactory.Instance));
    }

    private static DirectoryPlace OfHub(string dataFolder)
    {
        HubPaths paths = new(Path.GetFullPath(dataFolder));
        return new DirectoryPlace(
            Hub, paths.Root, paths.DatabaseFile, OrganizationLayout.Suffix, PosternSchema.Organization,
            file => PosternDirectories.OpenOrganizationFile(file, TimeProvider.System, NullLoggerFactory.Instance));
    }
}
