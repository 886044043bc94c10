using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Answers;

public sealed class SyncAnswersTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 60).Select(i => $"user{i}")];

    [Fact]
    public async Task Edge_that_is_in_step_is_normal()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        SyncTestResult result = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true }));
        Assert.Equal(SyncVerdict.Normal, result.SyncStatus);
        Assert.All(result.Parts, part => Assert.Equal(PartStatus.Synchronized, part.Status));
        PartComparison recipients = result.Parts.Single(part => part.What == "recipients");
        Assert.Equal((60, 60), (recipients.Source, recipients.Edge));
        Assert.Equal(0, result.OutOfSyncCount);
        Assert.Equal(TestHub.Name, result.LeaseHolder);
        Assert.NotNull(result.LastSynchronizedUtc);
    }

    [Fact]
    public async Task Full_test_finds_what_is_missing_different_and_too_much()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        string[] entries = await scene.EntriesAsync();
        await scene.Edge.System.DeleteAsync(new DelRequest(entries[0]));
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            entries[1], new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Source, "elsewhere"))));
        await scene.Edge.System.AddAsync(new AddRequest(
            $"cn={new string('a', 32)},{EdgeLayout.Recipients}", new LdapAttribute("objectClass", PosternClasses.Recipient), new LdapAttribute("cn", new string('a', 32))));
        SyncTestResult result = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true, MaxReportSize = 2 }));
        Assert.Equal(SyncVerdict.Failed, result.SyncStatus);
        PartComparison recipients = result.Parts.Single(part => part.What == "recipients");
        Assert.Equal((1, 1, 1), (recipients.Missing, recipients.Different, recipients.Extra));
        Assert.Equal(3, result.OutOfSyncCount);
        Assert.Equal(2, result.OutOfSync.Count);

        await scene.Synchronizer.StartAsync(new SyncStart { Full = true, ApproveDeletes = true });
        Assert.Equal(SyncVerdict.Normal, Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true })).SyncStatus);
    }

    [Fact]
    public async Task Full_test_looks_at_what_an_entry_holds_and_not_at_its_digest()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        string[] entries = await scene.EntriesAsync();
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            entries[0], new Modification(ModificationType.Delete, new LdapAttribute(PosternAttributes.AddressHash, (IReadOnlyList<ReadOnlyMemory<byte>>)[]))));
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            entries[1], new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.InternalOnly, "TRUE"))));
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            entries[2], new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Digest, new byte[16]))));
        SyncTestResult result = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true }));
        Assert.Equal(SyncVerdict.Failed, result.SyncStatus);
        Assert.Equal(
            entries[..2].Order(StringComparer.Ordinal),
            result.OutOfSync.Where(one => one.Kind == OutOfStepKind.DifferentOnEdge).Select(one => $"cn={one.Id},{EdgeLayout.Recipients}").Order(StringComparer.Ordinal));

        await scene.Synchronizer.StartAsync(new SyncStart { Full = true });
        Assert.Equal(SyncVerdict.Normal, Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true })).SyncStatus);
    }

    [Fact]
    public async Task Full_test_finds_configuration_that_was_changed_on_the_edge()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        await scene.Hub.Domains.AddAsync("example.com", AcceptedDomainType.Authoritative);
        await scene.Synchronizer.StartAsync(new SyncStart { Type = SyncType.Configuration });
        string domain = Assert.Single(await scene.Edge.NamesAsync(EdgeLayout.AcceptedDomains));
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            $"cn={domain},{EdgeLayout.AcceptedDomains}", new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.DomainType, "internalRelay"))));
        SyncTestResult result = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true }));
        Assert.Equal((domain, OutOfStepKind.DifferentOnEdge), (Assert.Single(result.OutOfSync).Id, result.OutOfSync[0].Kind));
    }

    [Fact]
    public async Task Entry_that_lost_an_address_is_as_it_should_be_when_it_holds_the_others()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        scene.Hub.LdifText("""
            dn: cn=first,dc=example,dc=com
            mail: shared@example.com
            mail: first@example.com

            dn: cn=second,dc=example,dc=com
            mail: shared@example.com
            mail: second@example.com

            dn: cn=third,dc=example,dc=com
            mail: shared@example.com


            """);
        await scene.CycleAsync(new SyncStart { Type = SyncType.Recipients, ApproveDeletes = true });
        Dictionary<string, string[]> held = await scene.Edge.RecipientsAsync();
        Assert.Equal([1, 2], held.Values.Select(hashes => hashes.Length).Order());
        PartComparison part = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true })).Parts.Single(one => one.What == "recipients");
        Assert.Equal((PartStatus.Synchronized, 2L, 0L, 0L), (part.Status, part.Contested, part.Missing, part.Different));

        // What it was granted is gone: no contest explains that.
        string loser = held.Single(one => one.Value.Length == 1).Key;
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            $"cn={loser},{EdgeLayout.Recipients}", new Modification(ModificationType.Delete, new LdapAttribute(PosternAttributes.AddressHash, (IReadOnlyList<ReadOnlyMemory<byte>>)[]))));
        SyncTestResult broken = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true }));
        Assert.Equal((loser, OutOfStepKind.DifferentOnEdge), (Assert.Single(broken.OutOfSync).Id, broken.OutOfSync[0].Kind));
        await scene.Edge.System.DeleteAsync(new DelRequest($"cn={loser},{EdgeLayout.Recipients}"));
        broken = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true }));
        Assert.Equal((loser, OutOfStepKind.MissingOnEdge), (Assert.Single(broken.OutOfSync).Id, broken.OutOfSync[0].Kind));
    }

    [Fact]
    public async Task Source_that_is_not_there_makes_the_test_inconclusive()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        File.Delete(scene.Source.Path!);
        SyncTestResult result = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Full = true }));
        Assert.Equal(SyncVerdict.Inconclusive, result.SyncStatus);
        Assert.Contains(scene.Source.Path!, result.FailureDetail, StringComparison.Ordinal);
        Assert.Equal(PartStatus.Unknown, result.Parts.Single(part => part.What == "recipients").Status);
    }

    [Fact]
    public async Task Held_deletions_are_shown_rejected_and_forgotten_when_the_source_recovers()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        scene.Write(Names[..5]);
        Assert.Equal(SyncOutcome.HeldByGuard, (await scene.CycleAsync()).Result);
        SyncStatusReport status = await scene.StatusAsync();
        Assert.Equal(55, status.HeldDeletes);
        Assert.Contains("55 of the 60", status.HeldReason, StringComparison.Ordinal);
        (IReadOnlyList<HeldLoss> held, IReadOnlyList<HeldLoss> rejected) = await new HeldDeletes(scene.Hub.Subscriptions).ReadAsync(scene.EdgeName, SyncType.Recipients);
        Assert.Equal((55, 0), (held.Count, rejected.Count));

        Assert.Equal(SyncOutcome.Success, (await scene.CycleAsync(new SyncStart { Type = SyncType.Recipients, RejectDeletes = true })).Result);
        status = await scene.StatusAsync();
        Assert.Equal((0, 55), (status.HeldDeletes, status.RejectedDeletes));
        Assert.Equal(60, (await scene.EntriesAsync()).Length);
        Assert.Equal(SyncOutcome.Success, (await scene.CycleAsync()).Result);
        Assert.Equal(60, (await scene.EntriesAsync()).Length);

        scene.Write(Names);
        Assert.Equal(SyncOutcome.Success, (await scene.CycleAsync()).Result);
        Assert.Equal((0, 0), ((await scene.StatusAsync()).HeldDeletes, (await scene.StatusAsync()).RejectedDeletes));
    }

    [Fact]
    public async Task Approved_deletions_go()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        scene.Write(Names[..5]);
        await scene.CycleAsync();
        SyncResult approved = await scene.CycleAsync(new SyncStart { Type = SyncType.Recipients, ApproveDeletes = true });
        Assert.Equal((SyncOutcome.Success, 55), (approved.Result, approved.Deleted));
        Assert.Equal(5, (await scene.EntriesAsync()).Length);
        Assert.Equal(0, (await scene.StatusAsync()).HeldDeletes);
    }

    [Fact]
    public async Task Every_decision_is_on_record_and_every_cycle_is_logged()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        scene.Write(Names[..5]);
        await scene.CycleAsync();
        await scene.CycleAsync(new SyncStart { Type = SyncType.Recipients, ApproveDeletes = true });
        AuditDecision[] recipients = [.. AuditReader.Read(scene.Hub.Paths.AuditFolder).Where(decision => decision.Type == "recipients")];
        Assert.Equal(60, recipients.Count(decision => decision.Action == AuditAction.Add));
        Assert.Equal(55, recipients.Count(decision => decision.Action == AuditAction.Hold));
        Assert.Equal(55, recipients.Count(decision => decision.Action == AuditAction.Delete));
        Assert.Empty(AuditReader.Verify(scene.Hub.Paths.AuditFolder).Faults);
        string log = string.Concat(RotatingFile.Files(scene.Hub.Paths.LogFolder, EdgeSyncLog.Prefix).Select(ReadShared));
        Assert.Contains("\"added\":60", log, StringComparison.Ordinal);
        Assert.Contains("\"result\":\"heldByGuard\"", log, StringComparison.Ordinal);
        Assert.DoesNotContain("@example.com", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_cycle_that_failed_makes_the_status_a_failure_until_one_succeeds()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        Assert.False((await scene.StatusAsync()).IsFailing);
        File.Delete(scene.Source.Path!);
        await scene.CycleAsync();
        SyncStatusReport failed = await scene.StatusAsync();
        Assert.Equal((true, "", SyncOutcome.SourceFailed), (failed.IsFailing, failed.Failure, failed.LastResult));

        // A dry run is no cycle.
        scene.Write([.. Names, "new"]);
        await scene.CycleAsync(new SyncStart { Type = SyncType.Recipients, DryRun = true });
        Assert.True((await scene.StatusAsync()).IsFailing);
        await scene.CycleAsync();
        Assert.False((await scene.StatusAsync()).IsFailing);
        scene.Write(Names[..5]);
        await scene.CycleAsync();
        Assert.Equal((false, SyncOutcome.HeldByGuard), ((await scene.StatusAsync()).IsFailing, (await scene.StatusAsync()).LastResult));
    }

    [Fact]
    public async Task Explanation_tells_of_held_and_rejected_deletions()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        RecipientExplainer explainer = new(new HubSettings { Site = "Site", Sources = [scene.Source] }, scene.Hub.Subscriptions, TimeProvider.System, NullLoggerFactory.Instance);
        scene.Write(Names[..5]);
        await scene.CycleAsync();
        Assert.Equal(PendingDeletion.Held, (await explainer.ExplainAsync("user9@example.com", "user9@example.com")).Edges[0].Owner?.Deletion);
        Assert.Equal(PendingDeletion.None, (await explainer.ExplainAsync("user1@example.com", "user1@example.com")).Edges[0].Owner?.Deletion);
        await scene.CycleAsync(new SyncStart { Type = SyncType.Recipients, RejectDeletes = true });
        Assert.Equal(PendingDeletion.Rejected, (await explainer.ExplainAsync("user9@example.com", "user9@example.com")).Edges[0].Owner?.Deletion);
    }

    [Fact]
    public async Task Edge_that_does_not_answer_is_a_failure_in_the_report()
    {
        Scene scene = await Scene.StartAsync(Names);
        await scene.Edge.DisposeAsync();
        IReadOnlyList<SyncStatusReport> reports = await scene.Status.ReadAsync(null);
        Assert.All(reports, report => Assert.NotEmpty(report.Failure));
        Assert.Equal(SyncVerdict.Failed, Assert.Single(await scene.Tester.TestAsync(new SyncTestStart())).SyncStatus);
        await scene.DisposeAsync();
    }

    [Fact]
    public async Task One_recipient_is_compared_with_its_entry()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        SyncTestResult good = await VerifyAsync(" SMTP:User7@example.com");
        Assert.Equal((SyncVerdict.Normal, "", 0L), (good.SyncStatus, good.FailureDetail, good.OutOfSyncCount));
        Assert.Equal(new PartComparison("recipients", PartStatus.Synchronized, 1, 1, 0, 0, 0), Assert.Single(good.Parts));
        Assert.Equal(TestHub.Name, good.LeaseHolder);

        SyncTestResult nobody = await VerifyAsync("nobody@example.com");
        Assert.Equal(SyncVerdict.Inconclusive, nobody.SyncStatus);
        Assert.Contains("no source has an object", nobody.FailureDetail, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FormatException>(() => VerifyAsync("no address"));

        // New in the source, gone from it, and changed on the edge.
        scene.Write([.. Names[1..], "new"]);
        SyncTestResult missing = await VerifyAsync("new@example.com");
        Assert.Equal((SyncVerdict.Failed, OutOfStepKind.MissingOnEdge), (missing.SyncStatus, Assert.Single(missing.OutOfSync).Kind));
        SyncTestResult extra = await VerifyAsync("user0@example.com");
        Assert.Equal((SyncVerdict.Failed, OutOfStepKind.OnlyOnEdge), (extra.SyncStatus, Assert.Single(extra.OutOfSync).Kind));
        string id = extra.OutOfSync[0].Id;
        scene.Write(Names);
        await scene.Edge.System.ModifyAsync(new ModifyRequest(
            $"cn={id},{EdgeLayout.Recipients}", new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.InternalOnly, "TRUE"))));
        SyncTestResult different = await VerifyAsync("user0@example.com");
        Assert.Equal((SyncVerdict.Failed, OutOfStepKind.DifferentOnEdge, id), (different.SyncStatus, Assert.Single(different.OutOfSync).Kind, different.OutOfSync[0].Id));

        // What was not read cannot be told from what does not exist.
        File.Delete(scene.Source.Path!);
        SyncTestResult unread = await VerifyAsync("user1@example.com");
        Assert.Equal((SyncVerdict.Inconclusive, PartStatus.Unknown), (unread.SyncStatus, Assert.Single(unread.Parts).Status));
        Assert.Contains(scene.Source.Path!, unread.FailureDetail, StringComparison.Ordinal);

        async Task<SyncTestResult> VerifyAsync(string address) => Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Recipient = address }));
    }

    [Fact]
    public async Task Recipient_whose_deletion_is_held_is_out_of_step_and_said_to_be_held()
    {
        await using Scene scene = await Scene.StartAsync(Names);
        scene.Write(Names[..5]);
        await scene.CycleAsync();
        SyncTestResult held = Assert.Single(await scene.Tester.TestAsync(new SyncTestStart { Recipient = "user50@example.com" }));
        Assert.Equal((SyncVerdict.Failed, 1L, 1L), (held.SyncStatus, held.Parts[0].Extra, held.Parts[0].Held));
        Assert.Contains("held", held.FailureDetail, StringComparison.Ordinal);
    }

    private static string ReadShared(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }

    /// <summary>A hub with an LDIF source, subscribed to an edge and in step with it.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly EdgeSyncLog _log;
        private readonly AuditLog _audit;

        private Scene(TestEdge edge, TestHub hub, SourceSettings source)
        {
            (Edge, Hub, Source) = (edge, hub, source);
            _log = new EdgeSyncLog(hub.Paths.LogFolder, EdgeSyncLogLevel.High, RotationLimits.Log, TimeProvider.System, NullLoggerFactory.Instance);
            _audit = new AuditLog(hub.Paths.AuditFolder, RotationLimits.Audit, TimeProvider.System, NullLoggerFactory.Instance);
            Synchronizer = new HubSynchronizer(
                hub.Subscriptions, hub.Organization, new HubSettings { Site = "Site", Sources = [source] }, TimeProvider.System, NullLoggerFactory.Instance)
            {
                EventLog = _log,
                Audit = _audit,
            };
            Status = new SyncStatusReader(hub.Subscriptions, Synchronizer, TimeProvider.System);
            RecipientExplainer explainer = new(new HubSettings { Site = "Site", Sources = [source] }, hub.Subscriptions, TimeProvider.System, NullLoggerFactory.Instance);
            Tester = new SyncTester(hub.Subscriptions, Synchronizer, Status, explainer, TimeProvider.System);
        }

        public TestEdge Edge { get; }

        public TestHub Hub { get; }

        public SourceSettings Source { get; }

        public HubSynchronizer Synchronizer { get; }

        public SyncStatusReader Status { get; }

        public SyncTester Tester { get; }

        public string EdgeName { get; private set; } = "";

        public static async Task<Scene> StartAsync(string[] names)
        {
            TestEdge edge = await TestEdge.StartAsync();
            TestHub hub = await TestHub.StartAsync();
            Scene scene = new(edge, hub, hub.Ldif(names));
            scene.EdgeName = (await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address)).Name;
            Assert.All(await scene.Synchronizer.StartAsync(new SyncStart()), result => Assert.Equal(SyncOutcome.Success, result.Result));
            return scene;
        }

        public void Write(string[] names) => Hub.Ldif(names);

        public async Task<SyncResult> CycleAsync(SyncStart? start = null) => Assert.Single(await Synchronizer.StartAsync(start ?? new SyncStart { Type = SyncType.Recipients }));

        public async Task<SyncStatusReport> StatusAsync() => (await Status.ReadAsync(EdgeName)).Single(report => report.Type == SyncType.Recipients);

        public async Task<string[]> EntriesAsync()
        {
            List<string> dns = [];
            await foreach (LdapEntry entry in Edge.System.SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, new PresentFilter("objectClass"), ["1.1"])))
            {
                dns.Add(entry.Dn);
            }

            return [.. dns];
        }

        public async ValueTask DisposeAsync()
        {
            await Synchronizer.DisposeAsync();
            _log.Dispose();
            _audit.Dispose();
            await Hub.DisposeAsync();
            await Edge.DisposeAsync();
        }
    }
}
