using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Postern.Fuzzing.Tests.Mutation;
using Postern.Fuzzing.Tests.Targets;
using Xunit.Abstractions;

namespace Postern.Fuzzing.Tests;

/// <summary>Feeds one target with mutated inputs until count or time is up, or something it must not throw comes out.</summary>
internal sealed partial class FuzzRun(FuzzTarget target, FuzzOptions options, ITestOutputHelper output)
{
    /// <summary>Inputs kept for further mutation because they made the target say something new.</summary>
    private const int MaxKept = 4000;

    /// <summary>Octets; larger inputs are tried but not kept: the time belongs to many small ones.</summary>
    private const int MaxKeptBytes = 4 * 1024;

    /// <summary>Words that are told apart; more would be noise out of the inputs.</summary>
    private const int MaxWords = 20_000;

    /// <summary>Octets of the file with the input in work, its length in front.</summary>
    private const int InWorkBytes = 1024 * 1024;

    public void Run()
    {
        System.IO.Directory.CreateDirectory(options.Crashes);
        Mutator mutator = new(options.Seed);
        List<byte[]> pool = [.. target.Seeds];
        HashSet<string> words = [];
        long started = TimeProvider.System.GetTimestamp();
        int inputs = options.Inputs ?? target.Inputs;

        // A process that dies of a full stack tells nobody what it read; the kernel keeps this file all the same.
        string path = Path.Combine(options.Crashes, $"{target.Name}-in-work");
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, InWorkBytes);
        using MemoryMappedViewAccessor inWork = file.CreateViewAccessor();
        int done = 0;
        for (; options.Duration > TimeSpan.Zero ? TimeProvider.System.GetElapsedTime(started) < options.Duration : done < inputs; done++)
        {
            byte[] input = done < target.Seeds.Count ? target.Seeds[done] : mutator.Mutate(mutator.Pick(pool), mutator.Pick(pool));
            inWork.Write(0, input.Length);
            inWork.WriteArray(sizeof(int), input, 0, Math.Min(input.Length, InWorkBytes - sizeof(int)));
            if (words.Count < MaxWords && words.Add(Shape(Try(input))) && pool.Count < MaxKept && input.Length <= MaxKeptBytes)
            {
                pool.Add(input);
            }
        }

        output.WriteLine($"{target.Name}: {done} inputs, {words.Count} different answers, {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");
    }

    /// <summary>Feeds one input, and writes it to a file when the target does not stand it.</summary>
    public string Try(byte[] input)
    {
        try
        {
            return target.Try(input);
        }
        catch (Exception e)
        {
            System.IO.Directory.CreateDirectory(options.Crashes);
            string name = $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}.bin";
            string path = Path.Combine(options.Crashes, name);
            File.WriteAllBytes(path, input);
            throw new FuzzException(
                $"{target.Name} does not stand an input of {input.Length} octets: {e.GetType().Name}: {e.Message}\n"
                + $"it is in {path}; again: POSTERN_FUZZ_REPLAY={path} dotnet test tests/Postern.Fuzzing.Tests --filter Replay",
                e);
        }
    }

    /// <summary>An answer without numbers, and only as far as it quotes the input.</summary>
    private static string Shape(string answer) => Details().Replace(answer, "_");

    [GeneratedRegex("\"(?s:.*)|[0-9]+|0x[0-9a-f]+")]
    private static partial Regex Details();
}

/// <summary>A target that threw what it must not throw.</summary>
internal sealed class FuzzException(string message, Exception inner) : Exception(message, inner);
