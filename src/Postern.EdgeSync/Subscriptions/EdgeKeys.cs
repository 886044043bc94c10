using System.Text.Json;
using Postern.Certificates;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>What a hub keeps secret about one edge: keys/EDGE.json, mode 0600, replaced whole.</summary>
internal sealed record EdgeKeys
{
    public required string EsraUser { get; init; }

    public required string EsraPassword { get; init; }

    /// <summary>The number at the end of <see cref="EsraUser"/>.</summary>
    public int EsraNumber { get; init; }

    /// <summary>The edge was asked to add the account: it may exist, whatever became of the answer.</summary>
    public bool EsraRequested { get; init; }

    /// <summary>Kept until the replication account is proven; then null for ever.</summary>
    public string? BootstrapUser { get; init; }

    public string? BootstrapPassword { get; init; }

    /// <summary>Base64.</summary>
    public required string AddressKey { get; init; }

    public AddressHashKey ToAddressKey() => AddressHashKey.FromBytes(Convert.FromBase64String(AddressKey));

    public override string ToString() => $"keys of {EsraUser} (secret)";

    public static string PathFor(HubPaths paths, string edgeName) => Path.Combine(paths.KeysFolder, edgeName.ToLowerInvariant() + ".json");

    /// <exception cref="SubscriptionException">Missing, damaged, or open to others.</exception>
    public static EdgeKeys Read(HubPaths paths, string edgeName)
    {
        string path = PathFor(paths, edgeName);
        try
        {
            return JsonSerializer.Deserialize<EdgeKeys>(PrivateFile.Read(path)) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SubscriptionException(
                $"the keys of edge {edgeName}, {path}, cannot be used: {e.Message}",
                $"Restore the file from a backup, or subscribe {edgeName} anew: 'postern subscription new --force' there, import here.",
                e);
        }
    }

    public void Save(HubPaths paths, string edgeName)
    {
        PrivateFile.CreateFolder(paths.KeysFolder);
        PrivateFile.Replace(PathFor(paths, edgeName), JsonSerializer.SerializeToUtf8Bytes(this));
    }
}
