using System.Globalization;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>How old the data of an edge are, who writes them, and whether the clocks of hub and edge agree: a hub stamps what it completes by
/// its own clock, and the edge stamps the same entry by its own.</summary>
internal sealed class EdgeDataExamination(IDirectory directory, EdgeSubscription subscription, TimeProvider time)
{
    /// <summary>The edge does not know its hubs' intervals: this is well beyond those that anybody sets. Ours.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromHours(1);

    private const string ModifyTimestamp = "modifyTimestamp";

    private readonly List<Finding> _findings = [];
    private readonly DateTimeOffset _now = time.GetUtcNow();

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        LdapEntry? lease = await directory.FindAsync(EdgeLayout.Lease, cancellationToken, PosternAttributes.EdgeSyncLease, PosternAttributes.Fence, ModifyTimestamp);
        LdapEntry? configuration = await ReadStateAsync(EdgeLayout.ConfigurationState, cancellationToken);
        LdapEntry? recipients = await ReadStateAsync(EdgeLayout.RecipientsState, cancellationToken);
        TimeSpan? skew = CompareClocks(lease, configuration, recipients);
        ExamineState("configuration", configuration, skew);
        ExamineState("recipients", recipients, skew);
        _findings.Add(DocumentOf(lease) is { } document
            ? Finding.Good("lease", subscription.Name, $"{document.Holder}, fence {lease!.FirstString(PosternAttributes.Fence)}")
            : Finding.Warning("lease", subscription.Name, FindingCodes.NobodySynchronizes, $"nobody has it, fence {lease?.FirstString(PosternAttributes.Fence)}"));
        return _findings;
    }

    /// <returns>How far the hub's clock is ahead of this one.</returns>
    private TimeSpan? CompareClocks(LdapEntry? lease, params LdapEntry?[] states)
    {
        // A stamp of the edge may be newer than what the hub wrote, when something else in the entry was changed: the least difference counts.
        List<TimeSpan> skews = [];
        foreach (LdapEntry? state in states)
        {
            if (state is not null && SyncStateEntry.ReadTime(state, PosternAttributes.LastSync) is { } last && SyncStateEntry.ReadTime(state, ModifyTimestamp) is { } written)
            {
                skews.Add(last - written);
            }
        }

        if (DocumentOf(lease) is { LockUntil: { } until } document && SyncStateEntry.ReadTime(lease!, ModifyTimestamp) is { } renewed)
        {
            skews.Add(until - TimeSpan.FromSeconds(document.LockSeconds) - renewed);
        }

        DateTimeOffset newest = states.Append(lease).OfType<LdapEntry>().Select(entry => SyncStateEntry.ReadTime(entry, ModifyTimestamp)).Max() ?? DateTimeOffset.MinValue;
        TimeSpan? skew = skews.Count > 0 ? skews.MinBy(one => one.Duration()) : null;
        _findings.Add(newest > _now + ClockComparison.Tolerated
            ? Finding.Failed("clock", "", FindingCodes.ClockSetBack, string.Create(CultureInfo.InvariantCulture, $"it is {_now:u} here, and an entry was written at {newest:u}"))
            : skew is { } found ? ClockComparison.Judge(subscription.Hub ?? "hub", found)
            : Finding.Skipped("clock", "", "no hub has written anything yet"));
        return skew;
    }

    private void ExamineState(string check, LdapEntry? state, TimeSpan? skew)
    {
        if (state is null || SyncStateEntry.ReadTime(state, PosternAttributes.LastSync) is not { } last)
        {
            _findings.Add(Finding.Failed(check, subscription.Name, FindingCodes.NeverSynchronized, "no cycle was complete yet"));
            return;
        }

        string evidence = string.Create(CultureInfo.InvariantCulture, $"last complete at {last:u} by hub {state.FirstString(PosternAttributes.Hub)}");
        bool isLate = _now - (last - (skew ?? TimeSpan.Zero)) > Late;
        _findings.Add(isLate ? Finding.Failed(check, subscription.Name, FindingCodes.SynchronizationLate, evidence) : Finding.Good(check, subscription.Name, evidence));
    }

    private Task<LdapEntry?> ReadStateAsync(string dn, CancellationToken cancellationToken) =>
        directory.FindAsync(dn, cancellationToken, PosternAttributes.LastSync, PosternAttributes.Hub, ModifyTimestamp);

    private static LeaseDocument? DocumentOf(LdapEntry? lease) =>
        lease?.Find(PosternAttributes.EdgeSyncLease) is { Values: [{ } octets, ..] } ? LeaseDocument.Read(octets.Span) : null;
}
