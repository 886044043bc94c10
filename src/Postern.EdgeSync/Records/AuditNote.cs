using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postern.Certificates;

namespace Postern.EdgeSync.Records;

/// <summary>
/// Where the audit record begins and ends, kept beside it (0600) and in the daemon's memory: a chain of hashes alone does not show that its end, its
/// beginning, or all of it was taken away.
/// </summary>
/// <param name="First">Number of the oldest line that is kept. Before it retention by age and size has removed lines.</param>
/// <param name="FirstPrevious">What that line says is the hash of the one before it; lower-case hexadecimal digits.</param>
/// <param name="Last">Number of the newest line; 0: there is none.</param>
/// <param name="LastHash">SHA-256 of it, lower-case hexadecimal digits.</param>
internal sealed record AuditNote(long First, string FirstPrevious, long Last, string LastHash)
{
    private const string FileName = "audit.note";

    private static readonly string NoHash = new('0', 2 * SHA256.HashSizeInBytes);

    public static AuditNote Empty { get; } = new(1, NoHash, 0, NoHash);

    /// <exception cref="IOException">The disk is full, ...</exception>
    public void Write(string folder)
    {
        // Not PrivateFile.Replace: it waits for the disk, and this is written with every batch. A note lost with the machine's power shows as lines
        // that are missing, which they may be then.
        string path = PathIn(folder);
        string temporary = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream file = new(temporary, options))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, AuditNoteJson.Default.AuditNote));
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Null: there is none that can be read.</summary>
    public static AuditNote? Read(string folder)
    {
        try
        {
            AuditNote? note = JsonSerializer.Deserialize(PrivateFile.Read(PathIn(folder)), AuditNoteJson.Default.AuditNote);
            return note is { First: > 0, Last: >= 0, FirstPrevious.Length: 2 * SHA256.HashSizeInBytes, LastHash.Length: 2 * SHA256.HashSizeInBytes } ? note : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string PathIn(string folder) => Path.Combine(folder, FileName);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditNote))]
internal sealed partial class AuditNoteJson : JsonSerializerContext;
