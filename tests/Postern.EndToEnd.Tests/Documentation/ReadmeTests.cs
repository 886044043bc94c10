using System.Globalization;
using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Documentation;

/// <summary>What the README tells a newcomer to paste is pasted.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public async Task The_walk_by_hand_works_when_pasted()
    {
        using TempFolder folder = new();
        string program = folder.Write("postern", $"#!/bin/sh\nexec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "postern.dll")}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string walk = Regex.Match(Readme, "## By hand.*?```sh\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

        // Only the places are changed: folder, program, ports.
        string script = Replace(Replace(walk, "/tmp/walk", folder["walk"]), "~/postern/postern", program)
            .Replace("50636", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        script = Replace(script, "--ldaps 127", $"--ldap 127.0.0.1:{LoopbackPort.Free()} --ldaps 127");
        CommandResult result = await ChildProcess.RunAsync("bash", ["-c", $"{script}\nwait\n"]);

        Assert.True(result.Output.Contains("known: anna.berg@example.com", StringComparison.Ordinal), result.ToString());
        Assert.Contains("unknown: nobody@example.com", result.Output, StringComparison.Ordinal);
        Assert.Contains("known: cleo@example.com", result.Output, StringComparison.Ordinal);
        Assert.Contains("subscribed: edge1", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_that_are_linked_exist()
    {
        foreach (string page in (string[])["README.md", "CONTRIBUTING.md", "docs/cli.md", "docs/directory.md", "docs/hub-json.md"])
        {
            string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
            string[] missing =
            [
                .. Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, page)), @"\]\(([^)#:]+)\)").Select(match => match.Groups[1].Value)
                    .Where(link => !Path.Exists(Path.Combine(folder, link))),
            ];
            Assert.True(missing.Length == 0, $"{page}: {string.Join(", ", missing)}");
        }
    }

    private static string Replace(string text, string old, string replacement)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }
}
