using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Records;

namespace Postern.Operations.Synchronization;

/// <param name="Edge">Name of one edge; null: all.</param>
public sealed record OfEdge(string? Edge);

public sealed record SyncStatusList(IReadOnlyList<SyncStatusReport> Reports);

/// <summary>Test-EdgeSynchronization, fact sheet 4.6.</summary>
/// <param name="Full">Compare every object by digest.</param>
/// <param name="MaxReportSize">Objects listed at most.</param>
/// <param name="Recipient">An SMTP address: only this recipient is compared. Null: all.</param>
public sealed record TestSync(string? Edge, bool Full, bool ExcludeRecipients, int MaxReportSize, string? Recipient = null);

public sealed record SyncTestList(IReadOnlyList<SyncTestResult> Edges)
{
    public bool IsNormal => Edges.All(one => one.SyncStatus == SyncVerdict.Normal);
}

/// <param name="Type"><c>configuration</c> or <c>recipients</c>.</param>
/// <param name="Rejected">Of an approval: of what was rejected before, in place of what waits.</param>
public sealed record HeldOf(string Edge, string Type, bool Rejected = false);

/// <summary>What waits for a decision on one edge, of one type. A count of 0 with a reason: the edge waits to be made ready at all.</summary>
/// <param name="Updates">Of the count: entries that stay, but would lose an address or mail from outside.</param>
public sealed record HeldView(string Edge, string Type, int Count, int Updates, DateTimeOffset? SinceUtc, string Reason, int Rejected);

public sealed record HeldList(IReadOnlyList<HeldView> Held);

/// <summary>One of them.</summary>
/// <param name="Deletion">It would go as a whole.</param>
/// <param name="Addresses">Otherwise: how many it would give up that no other entry takes.</param>
/// <param name="InternalOnly">And whether it would take mail from inside only.</param>
/// <param name="LastDecision">From the audit record, when it has one.</param>
public sealed record HeldEntry(string Id, bool Deletion, int Addresses, bool InternalOnly, AuditDecision? LastDecision);

public sealed record HeldEntries(string Edge, string Type, IReadOnlyList<HeldEntry> Held, IReadOnlyList<string> Rejected);
