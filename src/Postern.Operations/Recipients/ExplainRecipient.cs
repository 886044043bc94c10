using System.Text.Json.Serialization;

namespace Postern.Operations.Recipients;

public sealed record ExplainRecipient(string Address);

/// <param name="Address">In normal form.</param>
public sealed record ExplainRecipientResult(string Address, IReadOnlyList<ExplainedSource> Sources, IReadOnlyList<ExplainedEdge> Edges)
{
    /// <summary>The address without its detail, where that is what was found; null: the address itself was looked for.</summary>
    public string? Mailbox { get; init; }

    /// <summary>The accepted domain that it falls under; null: none, so that no edge takes mail for it.</summary>
    public string? Domain { get; init; }

    public string? DomainType { get; init; }

    /// <summary>An object of a source makes it a recipient, in a domain that mail is accepted for.</summary>
    [JsonIgnore]
    public bool IsRecipient => Domain is not null && Sources.Any(source => source.Objects.Any(one => one.Outcome == "recipient"));
}

/// <param name="Failure">Why the source could not be asked.</param>
public sealed record ExplainedSource(string Source, string? Failure, IReadOnlyList<ExplainedObject> Objects);

/// <param name="Id">What the object is known by, on the edges too.</param>
/// <param name="Outcome"><c>recipient</c>, <c>filteredOut</c>, <c>excluded</c> (by subtree), <c>disabled</c>, <c>noId</c> or <c>skipped</c> (no usable address).</param>
/// <param name="Decisive">The items of the filter, or of the condition "disabled", that made it so.</param>
/// <param name="Disabled">The condition of the map; null: the map has none.</param>
/// <param name="Reason">What is wrong with it, or was left out; empty: nothing.</param>
/// <param name="Addresses">How many it is projected with.</param>
/// <param name="Carries">Attributes, beside addresses, that leave with it.</param>
public sealed record ExplainedObject(
    string Dn, string? Id, string Outcome, IReadOnlyList<string> Decisive, ExplainedFilter Filter, ExplainedFilter? Disabled, string Reason, int Addresses, bool InternalOnly,
    IReadOnlyList<string> Carries);

/// <summary>A part of a filter.</summary>
/// <param name="Text">An item, or <c>&amp;</c>, <c>|</c>, <c>!</c> with parts.</param>
/// <param name="Verdict"><c>true</c>, <c>false</c> or <c>undefined</c>.</param>
public sealed record ExplainedFilter(string Text, string Verdict, IReadOnlyList<ExplainedFilter> Parts);

/// <param name="Failure">Why the edge could not be asked.</param>
/// <param name="OwnerId">The entry that has the address there; null: none has.</param>
public sealed record ExplainedEdge(string Edge, string? Failure, string? OwnerId, string? OwnerSource, bool OwnerInternalOnly, IReadOnlyList<ExplainedEdgeEntry> Entries)
{
    /// <summary>What its mail server is told, as <see cref="LookupRecipientResult.Verdict"/>; null: the edge could not be asked.</summary>
    public string? Verdict { get; init; }

    public string? VerdictReason { get; init; }

    /// <summary><c>held</c> or <c>rejected</c>: no source has the owner any more, and it stays nevertheless.</summary>
    public string? OwnerDeletion { get; init; }

    public string? OwnerLastChange { get; init; }

    public DateTimeOffset? OwnerLastChangeUtc { get; init; }
}

/// <summary>The edge's entry for an object that is a recipient.</summary>
/// <param name="State"><c>missing</c>, <c>different</c> (the source has changed since, or it lost an address) or <c>equal</c>.</param>
public sealed record ExplainedEdgeEntry(string Id, string State, bool HasAddress, string? LastChange, DateTimeOffset? LastChangeUtc)
{
    /// <summary><c>held</c> or <c>rejected</c>, as of the last cycle.</summary>
    public string? Deletion { get; init; }
}
