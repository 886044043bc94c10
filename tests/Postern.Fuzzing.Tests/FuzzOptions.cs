using System.Globalization;

namespace Postern.Fuzzing.Tests;

/// <summary>How long and where; set through the environment (docs/fuzzing.md). The defaults take a few seconds per target.</summary>
internal sealed record FuzzOptions
{
    /// <summary>POSTERN_FUZZ_SECONDS: how long each target runs. 0, the default: until <see cref="Inputs"/> are through.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>POSTERN_FUZZ_INPUTS: inputs per target, unless a duration is set. Default: what the target asks for.</summary>
    public int? Inputs { get; init; }

    /// <summary>POSTERN_FUZZ_SEED. Default 1: the same inputs in every run. A long run wants another.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>POSTERN_FUZZ_CRASHES: the folder for inputs that made something crash. Default: <c>fuzzing</c> beside the test assembly.</summary>
    public string Crashes { get; init; } = Path.Combine(AppContext.BaseDirectory, "fuzzing");

    /// <summary>POSTERN_FUZZ_REPLAY: one input to try again, nothing else.</summary>
    public string? Replay { get; init; }

    public static FuzzOptions FromEnvironment()
    {
        FuzzOptions defaults = new();
        return new FuzzOptions
        {
            Duration = TimeSpan.FromSeconds(Number("POSTERN_FUZZ_SECONDS") ?? 0),
            Inputs = Number("POSTERN_FUZZ_INPUTS"),
            Seed = Number("POSTERN_FUZZ_SEED") ?? defaults.Seed,
            Crashes = Text("POSTERN_FUZZ_CRASHES") ?? defaults.Crashes,
            Replay = Text("POSTERN_FUZZ_REPLAY"),
        };
    }

    private static string? Text(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;

    private static int? Number(string variable) => Text(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
