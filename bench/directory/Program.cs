// What the directory engine does by itself, without a wire: adds of recipients in batches, a target scan, look-ups by hash, modifies, deletes.
//   dotnet run -c Release --project bench/directory -- [recipients] [folder]

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Postern.Directory;
using Postern.Ldap;
using Postern.Mail;

int count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
string folder = args.Length > 1 ? args[1] : System.IO.Directory.CreateTempSubdirectory("postern-bench-").FullName;
const int BatchOperations = 250;
const int Window = 8;

DirectoryOptions options = new()
{
    Path = Path.Combine(folder, "directory.db"),
    Suffixes = [EdgeLayout.Suffix],
    IndexedAttributes = [PosternAttributes.AddressHash, PosternAttributes.DomainName],
};
await using DirectoryEngine engine = DirectoryEngine.Open(options, PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);
IDirectory directory = engine.As(new Principal("hub", DirectoryRole.Replication));
await directory.AddAsync(new AddRequest(EdgeLayout.Suffix, new LdapAttribute("objectClass", "organization")));
await directory.AddAsync(new AddRequest(EdgeLayout.Recipients, new LdapAttribute("objectClass", "organizationalUnit")));

AddRequest[] adds = [.. Enumerable.Range(0, count).Select(Recipient)];
Console.WriteLine($"{count} recipients, {adds.Average(a => a.Attributes[1].Values.Count):F1} hashes each");

await MeasureAsync("add", () => BatchesAsync(adds));
Console.WriteLine($"  {engine.Commits} commits, file {new FileInfo(options.Path).Length >> 20} MiB, log {new FileInfo(options.Path + "-wal").Length >> 20} MiB");
await MeasureAsync("scan (cn, digest, source)", async () =>
{
    int seen = 0;
    await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(
        EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn", PosternAttributes.Digest, PosternAttributes.Source])))
    {
        seen++;
    }

    return seen;
});

await MeasureAsync("look-up by hash", async () =>
{
    for (int i = 0; i < count; i++)
    {
        AddRequest add = adds[(int)((long)i * 7919 % count)];
        await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(
            EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.AddressHash, add.Attributes[1].Values[0]), ["1.1"])))
        {
        }
    }

    return count;
});

await MeasureAsync("modify digest (all)", () => BatchesAsync(
    [.. adds.Select(a => new ModifyRequest(a.Dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Digest, new byte[16]))))]));
await MeasureAsync("delete (half)", () => BatchesAsync([.. adds.Take(count / 2).Select(a => new DelRequest(a.Dn))]));

// Each caller waits for its update to be durable before the next, as a client without pipelining does.
const int OneByOne = 2000;
foreach (int callers in new[] { 1, 4, 16 })
{
    AddRequest[] left = [.. adds.Skip(count / 2).Take(OneByOne)];
    await MeasureAsync($"modify, {callers} callers", () => CallersAsync(callers, [.. left.Select(a =>
        new ModifyRequest(a.Dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Digest, RandomNumberGenerator.GetBytes(16)))))]));
}

int deleted = count / 2;
foreach (int callers in new[] { 1, 4, 16 })
{
    AddRequest[] next = [.. adds.Skip(deleted).Take(OneByOne)];
    deleted += next.Length;
    await MeasureAsync($"delete, {callers} callers", () => CallersAsync(callers, [.. next.Select(a => new DelRequest(a.Dn))]));
}

Stopwatch check = Stopwatch.StartNew();
IReadOnlyList<string> faults = await engine.CheckAsync();
Console.WriteLine($"check: {check.Elapsed.TotalSeconds:F2} s, {faults.Count} faults {string.Join("; ", faults.Take(3))}");

async Task<int> BatchesAsync(IReadOnlyList<IUpdateOperation> operations)
{
    Queue<Task<BatchResult>> inFlight = new();
    foreach (IUpdateOperation[] batch in operations.Chunk(BatchOperations))
    {
        if (inFlight.Count == Window)
        {
            (await inFlight.Dequeue()).Result.ThrowIfFailed("batch");
        }

        inFlight.Enqueue(directory.BatchAsync(batch));
    }

    while (inFlight.TryDequeue(out Task<BatchResult>? task))
    {
        (await task).Result.ThrowIfFailed("batch");
    }

    return operations.Count;
}

async Task<int> CallersAsync(int callers, IReadOnlyList<IUpdateOperation> operations)
{
    await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        for (int i = caller; i < operations.Count; i += callers)
        {
            (await directory.BatchAsync([operations[i]])).Result.ThrowIfFailed("update");
        }
    })));
    return operations.Count;
}

static async Task MeasureAsync(string what, Func<Task<int>> run)
{
    Process process = Process.GetCurrentProcess();
    TimeSpan cpu = process.TotalProcessorTime;
    long written = Written();
    long allocated = GC.GetTotalAllocatedBytes();
    Stopwatch watch = Stopwatch.StartNew();
    int done = await run();
    watch.Stop();
    process.Refresh();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-28} {watch.Elapsed.TotalSeconds,7:F2} s  {watch.Elapsed.TotalMicroseconds / done,7:F2} us each  {(Written() - written) >> 20,5} MiB written  cpu {(process.TotalProcessorTime - cpu).TotalSeconds,6:F2} s  {(GC.GetTotalAllocatedBytes() - allocated) / done,6} octets allocated each"));
}

// Octets given to write calls, proc(5); 0 where there is no /proc.
static long Written() => File.Exists("/proc/self/io")
    ? long.Parse(File.ReadLines("/proc/self/io").First(l => l.StartsWith("wchar", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture)
    : 0;

static AddRequest Recipient(int number)
{
    // 2.7 addresses each, as in the generated organization.
    int hashes = number % 10 < 3 ? 2 : 3;
    return new AddRequest(
        $"cn={Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))},{EdgeLayout.Recipients}",
        new LdapAttribute("objectClass", PosternClasses.Recipient),
        new LdapAttribute(PosternAttributes.AddressHash, [.. Enumerable.Range(0, hashes).Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(32))]),
        new LdapAttribute(PosternAttributes.Digest, RandomNumberGenerator.GetBytes(16)),
        new LdapAttribute(PosternAttributes.Source, "corp"));
}

internal sealed class OpenPolicy : IAccessPolicy
{
    public bool MayRead(Principal principal, string normalizedDn) => true;

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => true;

    public bool MayReadAttribute(Principal principal, string attribute) => true;
}
