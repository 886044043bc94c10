using System.Text.Json;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Processes;

/// <summary>The program as a user starts it: a process with arguments, two streams and an exit code.</summary>
internal static class PosternProgram
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "postern.dll");

    public static Task<CommandResult> RunAsync(params string[] arguments) => RunInAsync(null, arguments);

    /// <param name="temporary">TMPDIR of the process.</param>
    public static Task<CommandResult> RunInAsync(string? temporary, params string[] arguments) =>
        ChildProcess.RunAsync("dotnet", ["exec", Assembly, .. arguments], environment: EnvironmentOf(temporary));

    /// <summary>Started from a shell with that umask.</summary>
    public static Task<CommandResult> RunWithUmaskAsync(string umask, params string[] arguments) => ChildProcess.RunAsync(
        "sh", ["-c", $"umask {umask}; exec dotnet exec \"$@\"", "sh", Assembly, .. arguments], environment: EnvironmentOf(null));

    public static ChildProcess Start(params string[] arguments) => StartIn(null, arguments);

    /// <param name="temporary">TMPDIR of the process.</param>
    public static ChildProcess StartIn(string? temporary, params string[] arguments) =>
        ChildProcess.Start("dotnet", ["exec", Assembly, .. arguments], EnvironmentOf(temporary));

    /// <summary>On a machine of its own.</summary>
    public static ChildProcess StartOn(LabMachine machine, params string[] arguments)
    {
        IReadOnlyList<string> enter = machine.Enter;
        return ChildProcess.Start(enter[0], [.. enter.Skip(1), "dotnet", "exec", Assembly, .. arguments], EnvironmentOf(null));
    }

    /// <summary>With a limit to its open files.</summary>
    public static ChildProcess StartWithFiles(int maxFiles, params string[] arguments) => ChildProcess.Start(
        "sh", ["-c", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"ulimit -n {maxFiles}; exec dotnet exec \"$@\""), "sh", Assembly, .. arguments], EnvironmentOf(null));

    /// <summary>Nothing of whoever runs the tests.</summary>
    private static Dictionary<string, string?> EnvironmentOf(string? temporary) => new()
    {
        ["POSTERN_DATA"] = null,
        ["POSTERN_COMMAND"] = null,
        ["TMPDIR"] = temporary ?? Environment.GetEnvironmentVariable("TMPDIR"),
    };

    /// <summary>Runs with --output json and reads the one document.</summary>
    public static async Task<JsonElement> JsonAsync(int exitCode, params string[] arguments)
    {
        CommandResult result = await RunAsync([.. arguments, "--output", "json"]);
        Assert.True(result.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {result}");
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Runs and insists on exit code 0.</summary>
    public static async Task<string> MustAsync(params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
