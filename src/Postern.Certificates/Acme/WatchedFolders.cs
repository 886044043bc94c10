using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Certificates;

/// <summary>The folders of ACME clients that a node takes renewals from: watch.json of its certificates.</summary>
/// <param name="store">Its lock is held by who changes the list.</param>
public sealed class WatchedFolders(LocalCertificateStore store)
{
    /// <summary>Ours.</summary>
    public const int Max = 50;

    private string FilePath => Path.Combine(store.Folder, "watch.json");

    /// <exception cref="CertificateStoreException">The list cannot be read.</exception>
    public IReadOnlyList<string> All()
    {
        if (!File.Exists(FilePath))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize(PrivateFile.Read(FilePath), WatchedFoldersJson.Default.StringArray) ?? [];
        }
        catch (Exception e) when (e is JsonException or PrivateFileException)
        {
            throw new CertificateStoreException("damaged", $"{FilePath} cannot be read: {e.Message}", "delete it, and add the folders anew: `postern certificate watch add FOLDER`", e);
        }
    }

    /// <exception cref="CertificateStoreException">It is there already, or the list is full.</exception>
    public void Add(string folder)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string[] all = [.. All()];
        if (all.Contains(path))
        {
            throw new CertificateStoreException("alreadyThere", $"{path} is watched already", "`postern certificate watch list` shows all");
        }

        Write(all.Length < Max ? [.. all, path] : throw new CertificateStoreException("full", $"{Max} folders are watched, which is the most", "name the folder above them"));
    }

    /// <exception cref="CertificateStoreException">It is not there.</exception>
    public void Remove(string folder)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string[] all = [.. All()];
        Write(all.Contains(path) ? [.. all.Where(one => one != path)] : throw new CertificateStoreException("notFound", $"{path} is not watched", "`postern certificate watch list` shows all"));
    }

    private void Write(string[] all)
    {
        PrivateFile.Replace(FilePath, JsonSerializer.SerializeToUtf8Bytes(all, WatchedFoldersJson.Default.StringArray));
        FileOwner.InheritFromFolder(FilePath);
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class WatchedFoldersJson : JsonSerializerContext;
