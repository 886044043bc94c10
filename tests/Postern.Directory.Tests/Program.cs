using Postern.Ldap;

namespace Postern.Directory.Tests;

/// <summary>
/// <c>dotnet Postern.Directory.Tests.dll FOLDER FIRST</c>: writes recipients until it is killed and says on standard output, one number
/// a line, which batches were acknowledged. See <see cref="CrashTests"/>.
/// </summary>
internal static class Program
{
    public const int EntriesPerBatch = 5;
    private const int Writers = 4;

    public static async Task<int> Main(string[] args)
    {
        if (args.Length != 2 || !int.TryParse(args[1], out int first))
        {
            await Console.Error.WriteLineAsync("usage: FOLDER FIRST");
            return 2;
        }

        await using DirectoryEngine engine = DirectoryEngine.Open(Options(args[0]), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);
        IDirectory directory = engine.As(Principal.System);
        await using Stream output = Console.OpenStandardOutput();
        int next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                int batch = Interlocked.Increment(ref next);
                BatchResult result = await directory.BatchAsync(Batch(batch));
                result.Result.ThrowIfFailed("batch");
                lock (output)
                {
                    output.Write(System.Text.Encoding.ASCII.GetBytes($"{batch}\n"));
                    output.Flush();
                }
            }
        })));
        return 0;
    }

    /// <summary>The log is copied after every few commits and index rows move often, so that kills fall into these too.</summary>
    public static DirectoryOptions Options(string folder) => TestDirectory.Options(folder) with { CheckpointKiB = 256, MaxLogKiB = 1024, MaxFreshKeys = 200 };

    /// <summary>The recipients of one batch.</summary>
    public static IReadOnlyList<IUpdateOperation> Batch(int number) =>
        [.. Enumerable.Range(0, EntriesPerBatch).Select(i => TestDirectory.Recipient($"b{number}-{i}"))];
}
