using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Postern.Certificates;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Planning;

/// <summary>
/// Plans in the hub's data folder: operations as they would go over the wire, one batch after the other behind its length (four octets, big
/// endian), the decisions that led to them, and a header beside them. All only for the hub's own eyes. A plan lasts an hour, and ten of them
/// are kept.
/// </summary>
internal sealed class PlanStore(string folder, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public const int MostPlans = 10;

    /// <summary>16 hexadecimal digits.</summary>
    private const int IdBytes = 8;

    private const string OperationsSuffix = ".operations";
    private const string DecisionsSuffix = ".decisions";
    private const string HeaderSuffix = ".json";

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>For a process that starts: files that no plan belongs to were left by one that was killed, and go, as do plans that have expired.</summary>
    public static PlanStore Open(string folder, TimeProvider time)
    {
        PlanStore store = new(folder, time);
        if (System.IO.Directory.Exists(folder))
        {
            foreach (string path in System.IO.Directory.GetFiles(folder).Where(path => ReadHeader(Path.ChangeExtension(path, HeaderSuffix)) is null))
            {
                File.Delete(path);
            }

            store.Prune();
        }

        return store;
    }

    /// <summary>A file to write operations to; not a plan before <see cref="Save"/>.</summary>
    public FileStream CreateOperations(string id) => Create(id, OperationsSuffix);

    /// <summary>A file to write decisions to.</summary>
    public PlanDecisions CreateDecisions(string id) => new(Create(id, DecisionsSuffix));

    public static async Task WriteAsync(Stream stream, IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        byte[] batch = Lburp.EncodeUpdate(1, operations);
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, batch.Length);
        await stream.WriteAsync(length, cancellationToken);
        await stream.WriteAsync(batch, cancellationToken);
    }

    public void Save(PlanHeader header)
    {
        PrivateFile.CreateNew(PathOf(header.Id, HeaderSuffix), JsonSerializer.SerializeToUtf8Bytes(header, PlanJson.Default.PlanHeader));
        Prune();
    }

    /// <exception cref="PlanException">There is none of this id, or it has expired or is damaged.</exception>
    public PlanHeader Read(string id)
    {
        if (id.Length != 2 * IdBytes || !id.All(char.IsAsciiHexDigitLower) || ReadHeader(PathOf(id, HeaderSuffix)) is not { } header)
        {
            throw new PlanException($"there is no plan {id}", "It was applied, has expired, or was never made; `postern sync start --dry-run` makes one.");
        }

        if (header.Expires <= time.GetUtcNow())
        {
            throw new PlanException($"plan {id} has expired at {header.Expires:u}", "Make a new one with `postern sync start --dry-run`.");
        }

        return DigestOf(id, OperationsSuffix) == header.Sha256 && DigestOf(id, DecisionsSuffix) == header.DecisionsSha256
            ? header
            : throw new PlanException($"the files of plan {id} are not what was planned", "Make a new one with `postern sync start --dry-run`.");
    }

    /// <summary>The operations of a plan, batch by batch.</summary>
    public IEnumerable<IReadOnlyList<IUpdateOperation>> Batches(PlanHeader header)
    {
        LdapLimits limits = new() { MaxBatchOperations = int.MaxValue };
        using FileStream stream = File.OpenRead(PathOf(header.Id, OperationsSuffix));
        byte[] length = new byte[sizeof(int)];
        for (int i = 0; i < header.Batches; i++)
        {
            stream.ReadExactly(length);
            byte[] batch = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            stream.ReadExactly(batch);
            yield return Lburp.DecodeUpdate(batch, limits).Operations;
        }
    }

    /// <summary>What was decided, in the order of deciding.</summary>
    public IEnumerable<PlannedDecision> Decisions(PlanHeader header) => PlanDecisions.Read(PathOf(header.Id, DecisionsSuffix));

    /// <summary>From here on it is no plan any more: it is applied once, whatever happens.</summary>
    public void Use(string id) => File.Delete(PathOf(id, HeaderSuffix));

    public void Delete(string id)
    {
        File.Delete(PathOf(id, HeaderSuffix));
        File.Delete(PathOf(id, OperationsSuffix));
        File.Delete(PathOf(id, DecisionsSuffix));
    }

    private FileStream Create(string id, string suffix)
    {
        PrivateFile.CreateFolder(folder);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(PathOf(id, suffix), options);
    }

    /// <summary>Null: there is no such file.</summary>
    private string? DigestOf(string id, string suffix)
    {
        try
        {
            using FileStream stream = File.OpenRead(PathOf(id, suffix));
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void Prune()
    {
        DateTimeOffset now = time.GetUtcNow();
        PlanHeader[] plans = [.. System.IO.Directory.GetFiles(folder, "*" + HeaderSuffix).Select(ReadHeader).OfType<PlanHeader>().OrderByDescending(plan => plan.Created)];
        foreach (PlanHeader plan in plans.Where((plan, i) => i >= MostPlans || plan.Expires <= now))
        {
            Delete(plan.Id);
        }
    }

    private static PlanHeader? ReadHeader(string path)
    {
        try
        {
            PlanHeader? header = JsonSerializer.Deserialize(PrivateFile.Read(path), PlanJson.Default.PlanHeader);
            return header is { Version: PlanHeader.CurrentVersion, Id: not null, Edge: not null, Sha256: not null, DecisionsSha256: not null } ? header : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PathOf(string id, string suffix) => Path.Combine(folder, id + suffix);
}
