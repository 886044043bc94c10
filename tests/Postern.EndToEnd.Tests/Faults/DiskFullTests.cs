using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>An edge whose disk runs full during a first synchronization, on a small tmpfs of its own. Mounting needs root.</summary>
public sealed class DiskFullTests
{
    private const int Recipients = 10_000;

    [SkippableFact]
    public async Task A_full_disk_is_reported_and_the_cycle_after_making_room_completes()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "mounting a tmpfs needs root");
        using TempFolder folder = new(shared: true);
        string edgeFolder = folder.CreateFolder("edge");
        CommandResult mounted = await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=3m,mode=711", "tmpfs", edgeFolder]);
        Skip.IfNot(mounted.ExitCode == 0, $"no tmpfs can be mounted here: {mounted}");
        try
        {
            await using Installation one = await Installation.StartAsync(Recipients, edgeFolder: edgeFolder);
            await one.NewSubscriptionAsync();

            JsonElement imported = await PosternProgram.JsonAsync(1, one.ImportArguments());
            JsonElement broken = Installation.Recipients(imported.GetProperty("results"));
            Assert.Equal("targetFailed", broken.GetProperty("result").GetString());
            Assert.NotEmpty(broken.GetProperty("failureDetails").GetString()!);

            // The edge still answers, and still rejects nobody.
            JsonElement lookup = await PosternProgram.JsonAsync(1, "recipient", "lookup", one.Organization.AbsentAddress(1), "--data", one.EdgeFolder);
            Assert.Equal("notReady", lookup.GetProperty("verdict").GetString());

            (await ChildProcess.RunAsync("mount", ["-o", "remount,size=128m", edgeFolder])).MustSucceed();
            JsonElement next = await one.SynchronizeAsync();
            Assert.Equal("success", next.GetProperty("result").GetString());
            await one.AssertEdgeEqualsSourceAsync(Recipients);
        }
        finally
        {
            await ChildProcess.RunAsync("umount", [edgeFolder]);
        }
    }
}
