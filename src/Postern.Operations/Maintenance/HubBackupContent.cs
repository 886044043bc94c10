using System.Formats.Tar;
using System.Text.Json;

namespace Postern.Operations.Maintenance;

/// <summary>
/// What a hub's backup holds when it is opened: a tar archive, so that <c>openssl cms</c> and <c>tar</c> get at it without Postern. First
/// backup.json, then keys/NAME for each file of the keys folder, last organization.ldif if the hub has a directory of its own.
/// </summary>
internal sealed record HubBackupContent(DateTimeOffset MadeUtc, IReadOnlyList<(string Name, byte[] Content)> Keys, byte[]? Organization)
{
    /// <summary>Files in a keys folder; a node has about a dozen. Ours.</summary>
    public const int MaxKeys = 1000;

    private const int CurrentVersion = 1;

    private const string ManifestName = "backup.json";
    private const string KeysPrefix = "keys/";
    private const string OrganizationName = "organization.ldif";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public byte[] ToBytes()
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            Write(writer, ManifestName, JsonSerializer.SerializeToUtf8Bytes(new Manifest(CurrentVersion, "hub", MadeUtc), Json));
            foreach ((string name, byte[] content) in Keys)
            {
                Write(writer, KeysPrefix + name, content);
            }

            if (Organization is not null)
            {
                Write(writer, OrganizationName, Organization);
            }
        }

        return archive.ToArray();
    }

    /// <exception cref="InvalidDataException">No backup of a hub; the message says what is wrong.</exception>
    /// <exception cref="NotSupportedException">Of a later version.</exception>
    public static HubBackupContent Read(byte[] archive)
    {
        Manifest? manifest = null;
        List<(string, byte[])> keys = [];
        byte[]? organization = null;
        using TarReader reader = new(new MemoryStream(archive, writable: false));
        while (Next(reader) is { } entry)
        {
            using MemoryStream content = new();
            entry.DataStream?.CopyTo(content);
            if (entry.Name == ManifestName)
            {
                manifest = ReadManifest(content.ToArray());
            }
            else if (entry.Name == OrganizationName)
            {
                organization = content.ToArray();
            }
            else if (entry.Name.StartsWith(KeysPrefix, StringComparison.Ordinal) && IsFileName(entry.Name[KeysPrefix.Length..]) && keys.Count < MaxKeys)
            {
                keys.Add((entry.Name[KeysPrefix.Length..], content.ToArray()));
            }
            else
            {
                throw new InvalidDataException($"it holds '{entry.Name}', which no backup has");
            }
        }

        return manifest is null ? throw new InvalidDataException($"it has no {ManifestName}")
            : keys.Count == 0 ? throw new InvalidDataException("it holds no keys")
            : new HubBackupContent(manifest.MadeUtc, keys, organization);
    }

    /// <summary>Letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, as the store of certificates has them: nothing that leads out of a folder.</summary>
    public static bool IsFileName(string name) => name.Length > 0 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static TarEntry? Next(TarReader reader)
    {
        try
        {
            return reader.GetNextEntry();
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new InvalidDataException($"what it holds is no tar archive: {e.Message}", e);
        }
    }

    private static Manifest ReadManifest(byte[] content)
    {
        Manifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<Manifest>(content, Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its {ManifestName} cannot be read: {e.Message}", e);
        }

        return manifest.FormatVersion > CurrentVersion ? throw new NotSupportedException($"it has format version {manifest.FormatVersion}; this Postern reads up to {CurrentVersion}")
            : manifest is { FormatVersion: CurrentVersion, Side: "hub" } ? manifest
            : throw new InvalidDataException($"its {ManifestName} is not that of a hub");
    }

    private static void Write(TarWriter writer, string name, byte[] content)
    {
        using MemoryStream stream = new(content, writable: false);
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = stream,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    private sealed record Manifest(int FormatVersion, string Side, DateTimeOffset MadeUtc);
}
