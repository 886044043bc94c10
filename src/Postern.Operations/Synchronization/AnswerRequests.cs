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
public sealed record HeldOf(string Edge, string Type);

/// <summary>Deletions of one type that wait for a decision on one edge.</summary>
public sealed record HeldView(string Edge, string Type, int Count, DateTimeOffset? SinceUtc, string Reason, int Rejected);

public sealed record HeldList(IReadOnlyList<HeldView> Held);

/// <summary>One of them.</summary>
/// <param name="LastDecision">From the audit record, when it has one.</param>
public sealed record HeldEntry(string Id, AuditDecision? LastDecision);

public sealed record HeldEntries(string Edge, string Type, IReadOnlyList<HeldEntry> Held, IReadOnlyList<string> Rejected);
