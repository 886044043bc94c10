using Postern.Testing;

namespace Postern.EndToEnd.Tests.Launcher;

/// <summary>The script ./postern, in a folder of its own with a dotnet that only pretends to build.</summary>
public sealed class LauncherTests : IDisposable
{
    /// <summary>Notes each build, and leaves a "binary" that prints its arguments.</summary>
    private const string PretendDotnet = """
        #!/usr/bin/env bash
        while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
        [ -z "$FAIL" ] || { echo "error CS0000: this does not compile"; exit 1; }
        echo built >> "$BUILDS"
        echo "chatter of the build"
        mkdir -p "$out"
        printf '#!/bin/sh\necho "ran with $*"\nexit 4\n' > "$out/postern"
        chmod +x "$out/postern"
        """;

    private readonly TempFolder _clone = new();
    private readonly TempFolder _path = new();

    public LauncherTests()
    {
        File.Copy(Path.Combine(Repository.Root, "postern"), _clone["postern"]);
        _clone.CreateFolder("src");
        foreach (string name in (string[])["src/Program.cs", "Directory.Build.props", "Directory.Packages.props", "global.json"])
        {
            _clone.Write(name, "");
        }

        _path.Write("dotnet", PretendDotnet);
        File.SetUnixFileMode(_path["dotnet"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task It_builds_once_quietly_and_passes_arguments_and_exit_code_on()
    {
        CommandResult first = await RunAsync(_clone["postern"], "sync", "start");
        CommandResult second = await RunAsync(_clone["postern"], "status");

        Assert.Equal("ran with sync start\n", first.Output);
        Assert.Empty(first.Error);
        Assert.Equal(4, first.ExitCode);
        Assert.Equal("ran with status\n", second.Output);
        Assert.Equal(1, Builds);
    }

    [Fact]
    public async Task It_builds_again_when_a_source_is_newer()
    {
        await RunAsync(_clone["postern"]);
        File.SetLastWriteTimeUtc(_clone["src", "Program.cs"], File.GetLastWriteTimeUtc(_clone["artifacts", "postern", ".built"]).AddSeconds(1));

        await RunAsync(_clone["postern"]);

        Assert.Equal(2, Builds);
    }

    [Fact]
    public async Task It_works_through_a_symbolic_link()
    {
        File.CreateSymbolicLink(_path["postern"], _clone["postern"]);

        CommandResult result = await RunAsync(_path["postern"], "status");

        Assert.Equal("ran with status\n", result.Output);
    }

    [Fact]
    public async Task Invocations_at_once_build_once()
    {
        CommandResult[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync(_clone["postern"], "status")));

        Assert.All(results, result => Assert.Equal("ran with status\n", result.Output));
        Assert.Equal(1, Builds);
    }

    [Fact]
    public async Task A_failed_build_shows_why_and_is_tried_again()
    {
        CommandResult failed = await RunAsync(_clone["postern"], fail: true);
        CommandResult mended = await RunAsync(_clone["postern"], "status");

        Assert.Equal(1, failed.ExitCode);
        Assert.Empty(failed.Output);
        Assert.Contains("error CS0000", failed.Error, StringComparison.Ordinal);
        Assert.Equal("ran with status\n", mended.Output);
    }

    [Fact]
    public async Task Without_dotnet_it_says_what_to_install()
    {
        File.Delete(_path["dotnet"]);

        CommandResult result = await RunAsync(_clone["postern"], "status");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(".NET 10 SDK", result.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _clone.Dispose();
        _path.Dispose();
    }

    private int Builds => File.Exists(_path["builds"]) ? File.ReadAllLines(_path["builds"]).Length : 0;

    private Task<CommandResult> RunAsync(string script, params string[] arguments) => RunAsync(script, fail: false, arguments);

    /// <summary>With a PATH on which dotnet is ours or nobody's.</summary>
    private Task<CommandResult> RunAsync(string script, bool fail, params string[] arguments)
    {
        string tools = _path.CreateFolder("tools");
        foreach (string tool in (string[])["bash", "env", "readlink", "dirname", "find", "mkdir", "flock", "mktemp", "mv", "rm", "cat", "uname", "chmod", "sh"])
        {
            string link = Path.Combine(tools, tool);
            if (!File.Exists(link))
            {
                try
                {
                    File.CreateSymbolicLink(link, Peers.Find(tool)!);
                }
                catch (IOException) when (File.Exists(link))
                {
                    // Another run of the same test was quicker.
                }
            }
        }

        Dictionary<string, string?> environment = new()
        {
            ["PATH"] = $"{_path.Path}:{tools}",
            ["BUILDS"] = _path["builds"],
            ["FAIL"] = fail ? "1" : null,
            ["DOTNET_ROOT"] = null,
        };
        return ChildProcess.RunAsync(script, arguments, environment: environment);
    }
}
