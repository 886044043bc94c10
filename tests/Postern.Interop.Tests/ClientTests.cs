using Postern.Interop.Tests.Hosting;
using Postern.Testing;

namespace Postern.Interop.Tests;

/// <summary>Other people's clients, unmodified, against our server and directory.</summary>
[Trait("RFC", "4511")]
[Trait("RFC", "4512")]
[Trait("RFC", "4513")]
[Trait("RFC", "2696")]
[Trait("RFC", "4532")]
public class ClientTests(DirectoryHost host) : IClassFixture<DirectoryHost>
{
    [SkippableTheory]
    [InlineData("OpenLDAP tools")]
    [InlineData("ldap3")]
    [InlineData("python-ldap")]
    [InlineData("Net::LDAP")]
    [InlineData("ldapts")]
    public async Task Client_gets_through_every_step(string name)
    {
        InteropClient client = InteropClient.All[name];
        foreach (string peer in client.Peers)
        {
            Peers.Require(peer);
        }

        if (name == "ldapts")
        {
            await InstallNodeModulesAsync(Path.GetDirectoryName(Path.Combine(InteropClient.Folder, client.Script))!);
        }

        CommandResult run = await client.RunAsync(host);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] wanted = [.. InteropClient.Steps, .. client.ExtraSteps];
        string[] missing = [.. wanted.Except(lines.Select(l => l.Split(' ')[0]))];
        string[] failed = [.. lines.Where(l => !l.EndsWith(" ok", StringComparison.Ordinal))];
        Assert.True(
            missing.Length == 0 && failed.Length == 0,
            $"{name}: failed steps:\n{string.Join('\n', failed)}\nsteps without a word: {string.Join(", ", missing)}\n{run.Error}");
    }

    /// <summary>What ./test did before; at home the first run does it.</summary>
    private static async Task InstallNodeModulesAsync(string folder)
    {
        if (System.IO.Directory.Exists(Path.Combine(folder, "node_modules", "ldapts")))
        {
            return;
        }

        Peers.Require("npm");
        CommandResult install = await ChildProcess.RunAsync(Peers.Find("npm")!, ["ci", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"]);
        Assert.True(install.ExitCode == 0, $"npm ci: {install.Output}\n{install.Error}");
    }
}
