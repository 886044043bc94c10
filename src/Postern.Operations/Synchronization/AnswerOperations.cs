using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Synchronization;

namespace Postern.Operations.Synchronization;

/// <summary>What a hub answers about its synchronization, and the decisions that the delete guard waits for.</summary>
/// <param name="audit">The hub's record of decisions.</param>
public sealed class AnswerOperations(
    SyncStatusReader status, SyncTester tester, HeldDeletes held, HubSynchronizer synchronizer, HubSchedule schedule, AuditLog audit)
{
    public Task<SyncStatusList> StatusAsync(OfEdge request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new SyncStatusList(await status.ReadAsync(request.Edge, cancellationToken)));

    public Task<SyncTestList> TestAsync(TestSync request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            SyncTestStart start = new()
            {
                EdgeName = request.Edge,
                Full = request.Full,
                ExcludeRecipients = request.ExcludeRecipients,
                MaxReportSize = request.MaxReportSize,
                Recipient = request.Recipient,
            };
            try
            {
                return new SyncTestList(await tester.TestAsync(start, cancellationToken));
            }
            catch (FormatException e)
            {
                throw new OperationException(FailureCategory.BadRequest, "invalidValue", e.Message, "give an SMTP address, like anna@example.com");
            }
        });

    public Task<HeldList> ListHeldAsync(OfEdge request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new HeldList(
        [
            .. (await status.ReadAsync(request.Edge, cancellationToken))
                .Where(one => one.HeldDeletes + one.RejectedDeletes > 0 || one.HeldReason.Length > 0)
                .Select(one => new HeldView(one.Edge, Words.CamelCase(one.Type), one.HeldDeletes, one.HeldUpdates, one.HeldSinceUtc, one.HeldReason, one.RejectedDeletes)),
        ]));

    public Task<HeldEntries> ShowHeldAsync(HeldOf request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            (IReadOnlyList<HeldLoss> waiting, IReadOnlyList<HeldLoss> rejected) = await held.ReadAsync(request.Edge, TypeOf(request.Type), cancellationToken);
            Dictionary<string, AuditDecision> last = LastAbout(request.Edge, waiting.Select(one => one.Id).ToHashSet(StringComparer.Ordinal));
            return new HeldEntries(
                request.Edge,
                request.Type,
                [.. waiting.Select(one => new HeldEntry(one.Id, one.Deletion, one.Addresses, one.InternalOnly, last.GetValueOrDefault(one.Id)))],
                [.. rejected.Select(one => one.Id)]);
        });

    /// <summary>Lets go what is held, or what was rejected; whatever else the sources do not have passes the guard as ever.</summary>
    public async Task<IReadOnlyList<SyncCycleResult>> ApproveHeldAsync(HeldOf request, CancellationToken cancellationToken)
    {
        SyncType type = TypeOf(request.Type);
        (IReadOnlyList<HeldLoss> waiting, IReadOnlyList<HeldLoss> rejected) =
            await Failures.TranslateAsync(() => held.ReadAsync(request.Edge, type, cancellationToken));
        if (waiting.Count == 0 && rejected.Count > 0 && !request.Rejected)
        {
            throw new OperationException(
                FailureCategory.Conflict, "nothingHeld", $"nothing is held on edge {request.Edge}; {rejected.Count} entries keep what they have because that was rejected before",
                "add --rejected to approve what was rejected");
        }

        return await DecideAsync(
            new SyncStart { EdgeName = request.Edge, Type = type, ByHand = true, ApproveHeld = !request.Rejected, ApproveRejected = request.Rejected }, cancellationToken);
    }

    /// <summary>Keeps what is held; it is not asked about again until its source shows it once more.</summary>
    public Task<IReadOnlyList<SyncCycleResult>> RejectHeldAsync(HeldOf request, CancellationToken cancellationToken) =>
        DecideAsync(new SyncStart { EdgeName = request.Edge, Type = TypeOf(request.Type), ByHand = true, RejectDeletes = true }, cancellationToken);

    /// <summary>Does what a dry run planned, once, if nothing was synchronized since.</summary>
    public Task<IReadOnlyList<SyncCycleResult>> ApplyPlanAsync(ApplyPlan request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync<IReadOnlyList<SyncCycleResult>>(async () => [HubOperations.View(await synchronizer.ApplyPlanAsync(request.Id, progress: null, cancellationToken))]);

    public Task<AuditVerification> VerifyAuditAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(() => Task.Run(audit.Verify, cancellationToken));

    private Dictionary<string, AuditDecision> LastAbout(string edge, IReadOnlySet<string> ids)
    {
        audit.Flush();
        return AuditReader.LastAbout(audit.Folder, edge, ids);
    }

    private Task<IReadOnlyList<SyncCycleResult>> DecideAsync(SyncStart start, CancellationToken cancellationToken) =>
        Failures.TranslateAsync<IReadOnlyList<SyncCycleResult>>(async () => [.. (await schedule.StartNowAsync(start, progress: null, cancellationToken)).Select(HubOperations.View)]);

    private static SyncType TypeOf(string text) =>
        Enum.GetValues<SyncType>().Cast<SyncType?>().FirstOrDefault(type => string.Equals(Words.CamelCase(type!.Value), text, StringComparison.OrdinalIgnoreCase))
        ?? throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"'{text}' is no type of synchronization", "use configuration or recipients");
}
