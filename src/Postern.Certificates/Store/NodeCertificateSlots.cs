using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Certificates;

/// <summary>The pointer file of a node certificate, NAME.slots.json: which stored pairs are the current, the next and the previous one.</summary>
/// <param name="Version">Of this form.</param>
/// <param name="Current">Name of a pair in the store.</param>
/// <param name="Next">The one that is announced; null: none.</param>
/// <param name="Announced">Since when there is a next one.</param>
/// <param name="Previous">The one that is on its way out; null: none.</param>
/// <param name="Switched">When the current one took its place; null: it is the first.</param>
internal sealed record NodeCertificateSlots(
    int Version, string Current, string? Next, DateTimeOffset? Announced, string? Previous, DateTimeOffset? Switched)
{
    public const int CurrentVersion = 1;

    /// <summary>Of a node whose certificate never changed: there is no pointer file.</summary>
    public static NodeCertificateSlots First(string name) => new(CurrentVersion, name, null, null, null, null);

    /// <exception cref="PrivateFileException">No such file format, or a later one.</exception>
    public static NodeCertificateSlots Read(string path, string name)
    {
        byte[] content;
        try
        {
            content = PrivateFile.Read(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return First(name);
        }

        try
        {
            NodeCertificateSlots slots = JsonSerializer.Deserialize(content, NodeCertificateJson.Default.NodeCertificateSlots) ?? throw new JsonException("null");
            return slots switch
            {
                { Version: > CurrentVersion } => throw new PrivateFileException(path, $"'{path}' has version {slots.Version}; this program knows versions up to {CurrentVersion}: a newer one wrote it"),
                { Version: CurrentVersion, Current.Length: > 0 } => slots,
                _ => throw new JsonException("no version, or no current certificate"),
            };
        }
        catch (JsonException e)
        {
            throw new PrivateFileException(path, $"'{path}' does not say which certificate is in use ({e.Message}); restore it from a backup", e);
        }
    }

    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, NodeCertificateJson.Default.NodeCertificateSlots);

    public bool Names(string pair) => pair == Current || pair == Next || pair == Previous;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeCertificateSlots))]
internal sealed partial class NodeCertificateJson : JsonSerializerContext;
