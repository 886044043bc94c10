using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.Planning;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.EndToEnd;

/// <summary>Dry runs against a real edge over TLS.</summary>
[Trait("RFC", "5805")]
[Trait("RFC", "4528")]
public sealed class PlanTests : IAsyncLifetime
{
    private readonly SyncStart _dry = new() { Type = SyncType.Recipients, DryRun = true, ListChanges = true };
    private TestEdge _edge = null!;
    private TestHub _hub = null!;

    public async Task InitializeAsync()
    {
        _edge = await TestEdge.StartAsync();
        _hub = await TestHub.StartAsync();
        await _hub.Subscriptions.ImportAsync(await _edge.ExportAsync(), "Site", _edge.Address);
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _edge.DisposeAsync();
    }

    [Fact]
    public async Task Dry_run_leaves_no_trace_and_its_plan_is_applied_once()
    {
        await using HubSynchronizer synchronizer = _hub.Synchronizer(_hub.Ldif([.. Enumerable.Range(0, 2500).Select(i => $"user{i}")]));
        SyncResult dry = Assert.Single(await synchronizer.StartAsync(_dry));
        Assert.True(dry.Result == SyncOutcome.PendingChanges, $"{dry.Result}: {dry.FailureDetails}");
        Assert.Equal((2500L, 0L, 0L, 2500), (dry.Added, dry.Updated, dry.Deleted, dry.Changes.Count));
        Assert.Empty(await _edge.RecipientsAsync());
        Assert.Null(await _edge.FindAsync(EdgeLayout.RecipientsState));

        SyncResult applied = await synchronizer.ApplyPlanAsync(dry.PlanId!);
        Assert.Equal((SyncOutcome.Success, "", 2500L), (applied.Result, applied.FailureDetails, applied.Added));
        Assert.Equal(2500, (await _edge.RecipientsAsync()).Count);
        await Assert.ThrowsAsync<PlanException>(() => synchronizer.ApplyPlanAsync(dry.PlanId!));
        Assert.Empty(System.IO.Directory.GetFiles(_hub.Paths.PlansFolder));

        SyncResult nothing = Assert.Single(await synchronizer.StartAsync(_dry));
        Assert.Equal((SyncOutcome.Success, null), (nothing.Result, nothing.PlanId));
    }

    [Fact]
    public async Task Plan_is_not_applied_to_an_edge_that_has_changed()
    {
        SourceSettings source = _hub.Ldif("anna");
        await using HubSynchronizer synchronizer = _hub.Synchronizer(source);
        SyncResult dry = Assert.Single(await synchronizer.StartAsync(_dry));
        await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients });
        SyncResult late = await synchronizer.ApplyPlanAsync(dry.PlanId!);
        Assert.Equal(SyncOutcome.TargetFailed, late.Result);
        Assert.Contains("another state", late.FailureDetails, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_of_changes_says_what_is_deleted_and_files_are_private()
    {
        await using HubSynchronizer synchronizer = _hub.Synchronizer(_hub.Ldif("anna", "ben", "carl"));
        await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients });
        _hub.Ldif("anna", "dora", "carl");
        SyncResult dry = Assert.Single(await synchronizer.StartAsync(_dry));
        Assert.Equal((1L, 0L, 1L), (dry.Added, dry.Updated, dry.Deleted));
        Assert.Equal(3, (await _edge.RecipientsAsync()).Count);
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(System.IO.Directory.GetFiles(_hub.Paths.PlansFolder), AssertPrivate);
        }

        SyncResult applied = await synchronizer.ApplyPlanAsync(dry.PlanId!);
        Assert.Equal((1L, 0L, 1L), (applied.Added, applied.Updated, applied.Deleted));
        SyncResult after = Assert.Single(await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients }));
        Assert.Equal((SyncOutcome.Success, 0L), (after.Result, after.Added + after.Updated + after.Deleted));
    }

    [Fact]
    public async Task Ten_plans_are_kept_and_a_damaged_one_is_refused()
    {
        await using HubSynchronizer synchronizer = _hub.Synchronizer(_hub.Ldif("anna"));
        SyncResult last = null!;
        for (int i = 0; i <= PlanStore.MostPlans; i++)
        {
            last = Assert.Single(await synchronizer.StartAsync(_dry));
        }

        Assert.Equal(3 * PlanStore.MostPlans, System.IO.Directory.GetFiles(_hub.Paths.PlansFolder).Length);
        await File.AppendAllTextAsync(Path.Combine(_hub.Paths.PlansFolder, last.PlanId + ".operations"), "x");
        PlanException damaged = await Assert.ThrowsAsync<PlanException>(() => synchronizer.ApplyPlanAsync(last.PlanId!));
        Assert.Contains("not what was planned", damaged.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PlanException>(() => synchronizer.ApplyPlanAsync("../../etc/passwd"));
    }

    [Fact]
    public async Task Applied_plan_is_on_record_as_a_cycle_would_be()
    {
        using AuditLog audit = new(_hub.Paths.AuditFolder, RotationLimits.Audit, TimeProvider.System, NullLoggerFactory.Instance);
        await using HubSynchronizer synchronizer = _hub.Synchronizer(audit, _hub.Ldif("anna", "ben", "carl"));
        SyncResult first = Assert.Single(await synchronizer.StartAsync(_dry));
        audit.Flush();
        Assert.Empty(AuditReader.Read(_hub.Paths.AuditFolder));
        await synchronizer.ApplyPlanAsync(first.PlanId!);
        Assert.Equal(3, AuditReader.Read(_hub.Paths.AuditFolder).Count(one => one is { Action: AuditAction.Add, Source: "file", Type: "recipients" }));

        _hub.Ldif("anna", "carl");
        SyncResult second = Assert.Single(await synchronizer.StartAsync(_dry));
        await synchronizer.ApplyPlanAsync(second.PlanId!);
        AuditDecision gone = AuditReader.Read(_hub.Paths.AuditFolder).Last();
        Assert.Equal((AuditAction.Delete, second.Changes[0].Id), (gone.Action, gone.Id));
        Assert.Single(AuditReader.Read(_hub.Paths.AuditFolder), one => one.Cycle == gone.Cycle);
    }

    [Theory]
    [InlineData(".operations")]
    [InlineData(".decisions")]
    public async Task Plan_whose_file_was_changed_or_removed_is_refused(string suffix)
    {
        await using HubSynchronizer synchronizer = _hub.Synchronizer(_hub.Ldif("anna"));
        SyncResult dry = Assert.Single(await synchronizer.StartAsync(_dry));
        string file = Path.Combine(_hub.Paths.PlansFolder, dry.PlanId + suffix);
        await File.AppendAllTextAsync(file, "x");
        await Assert.ThrowsAsync<PlanException>(() => synchronizer.ApplyPlanAsync(dry.PlanId!));
        File.Delete(file);
        await Assert.ThrowsAsync<PlanException>(() => synchronizer.ApplyPlanAsync(dry.PlanId!));
    }

    [Fact]
    public async Task Files_of_plans_that_were_never_finished_go_when_the_hub_starts()
    {
        string id;
        await using (HubSynchronizer killed = _hub.Synchronizer(_hub.Ldif("anna")))
        {
            id = Assert.Single(await killed.StartAsync(_dry)).PlanId!;
        }

        string orphan = Path.Combine(_hub.Paths.PlansFolder, PlanStore.NewId());
        await File.WriteAllTextAsync(orphan + ".operations", "half");
        await File.WriteAllTextAsync(orphan + ".decisions", "");
        await using HubSynchronizer next = _hub.Synchronizer(_hub.Ldif("anna"));
        Assert.All(System.IO.Directory.GetFiles(_hub.Paths.PlansFolder), path => Assert.Equal(id, Path.GetFileNameWithoutExtension(path)));
        Assert.Equal(1, (await next.ApplyPlanAsync(id)).Added);
    }

    [Fact]
    public async Task Entry_that_the_edge_would_refuse_is_left_out_of_the_plan()
    {
        // The edge has an entry of another class where one has to be added.
        await using HubSynchronizer first = _hub.Synchronizer(_hub.Ldif("anna", "ben"));
        SyncResult probe = Assert.Single(await first.StartAsync(_dry));
        string taken = probe.Changes[0].Id;
        (await _edge.System.AddAsync(new AddRequest(
            $"cn={taken},{EdgeLayout.Recipients}",
            new LdapAttribute("objectClass", PosternClasses.AcceptedDomain),
            new LdapAttribute("cn", taken),
            new LdapAttribute(PosternAttributes.DomainName, "example.com"),
            new LdapAttribute(PosternAttributes.DomainType, "authoritative")))).ThrowIfFailed("add");
        SyncResult dry = Assert.Single(await first.StartAsync(_dry));
        Assert.True(dry.Result == SyncOutcome.PendingChanges, $"{dry.Result}: {dry.FailureDetails}");
        Assert.Equal(1, dry.Added);
        Assert.Contains(taken, dry.FailureDetails, StringComparison.Ordinal);
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void AssertPrivate(string file) => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
}
