using System.Globalization;
using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Documentation;

/// <summary>Every shell line of docs/directory.md, with the OpenLDAP tools against an edge.</summary>
public sealed class DirectoryPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "directory.md"));

    [SkippableFact]
    public async Task Lines_of_the_page_work_when_pasted()
    {
        Peers.Require("ldap-utils");
        Peers.Require("openssl");
        using TempFolder folder = new();
        string program = folder.Write("postern", $"#!/bin/sh\nexec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "postern.dll")}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] blocks = [.. Regex.Matches(Page, "```sh\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

        // The first line that fails ends the script, and with it the edge that it started. Only the places are changed.
        string script = "set -eE\nfailed() { echo \"failed: $BASH_COMMAND\"; kill %1; wait; exit 1; }\ntrap failed ERR\n" + string.Join('\n', blocks) + "\necho all of it\n";
        script = script.Replace("/tmp/look", folder["look"], StringComparison.Ordinal)
            .Replace("~/postern/postern", program, StringComparison.Ordinal)
            .Replace("50636", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("50389", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        CommandResult result = await ChildProcess.RunAsync("bash", ["-c", script]);

        Assert.True(result.ExitCode == 0 && result.Output.EndsWith("all of it\n", StringComparison.Ordinal), result.ToString());
        Assert.Contains("dn:cn=studio,ou=accounts,o=edge", result.Output, StringComparison.Ordinal);
        Assert.Contains("entryUUID: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("namingContexts: o=edge", result.Output, StringComparison.Ordinal);
        Assert.Contains("NAME 'posternRecipient'", result.Output.Replace("\n ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("consistent: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("adding new entry", result.Output, StringComparison.Ordinal);
    }
}
