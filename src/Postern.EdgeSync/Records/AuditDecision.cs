namespace Postern.EdgeSync.Records;

/// <summary>What was decided about one entry of an edge.</summary>
public enum AuditAction
{
    Add,
    Update,
    Delete,

    /// <summary>A deletion was held by the guard.</summary>
    Hold,

    /// <summary>A held deletion was approved by an operator.</summary>
    Approve,

    /// <summary>A held deletion was rejected by an operator: the entry stays.</summary>
    Reject,

    /// <summary>The source shows the entry again: nothing is held any more.</summary>
    Release,

    /// <summary>The source entry was left out.</summary>
    Skip,
}

/// <summary>One line of the audit record.</summary>
/// <param name="Sequence">Counts from 1 without a hole.</param>
/// <param name="Id">Of the entry, as on the edge: 32 hexadecimal digits.</param>
/// <param name="Source">The source whose reading led to it; empty when an operator decided.</param>
/// <param name="Cycle">Names the cycle: all its decisions and its line in the EdgeSync log have it.</param>
/// <param name="Reason">In words, without a readable address; may be empty.</param>
public sealed record AuditDecision(
    long Sequence, DateTimeOffset Time, string Edge, string Type, AuditAction Action, string Id, string Source, string Cycle, string Reason);
