using Postern.EdgeSync.Filters;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Explanations;

/// <summary>Why one address is a recipient, or is none: each source's objects with it, and what each edge makes of them.</summary>
public sealed record RecipientExplanation(IReadOnlyList<SourceExplanation> Sources, IReadOnlyList<EdgeExplanation> Edges);

/// <param name="Failure">Why the source could not be asked; null: it was.</param>
public sealed record SourceExplanation(string Source, string? Failure, IReadOnlyList<ObjectExplanation> Objects);

/// <summary>What becomes of an object of a source.</summary>
public enum ObjectOutcome
{
    /// <summary>It is a recipient.</summary>
    Recipient,

    /// <summary>The source's filter keeps it out.</summary>
    FilteredOut,

    /// <summary>It lies in a subtree that the settings leave out.</summary>
    Excluded,

    /// <summary>The condition "disabled" holds.</summary>
    Disabled,

    /// <summary>It has nothing that identifies it.</summary>
    NoId,

    /// <summary>It has no usable address.</summary>
    Skipped,
}

/// <param name="Id">What it is known by; null: none.</param>
/// <param name="Disabled">The condition of the map and each part's verdict; null: the map has none.</param>
/// <param name="Reason">What is wrong with it, or was left out; empty: nothing.</param>
/// <param name="Addresses">How many it is projected with.</param>
/// <param name="Carries">The attributes, beside addresses, that leave with it.</param>
public sealed record ObjectExplanation(
    string Dn, EntryId? Id, ObjectOutcome Outcome, FilterExplanation Filter, FilterExplanation? Disabled, string Reason, int Addresses, bool InternalOnly, IReadOnlyList<string> Carries);

/// <summary>Looks one address up on an edge as its mail server does.</summary>
/// <param name="edge">The edge directory.</param>
/// <param name="key">Its address key.</param>
/// <param name="address">As it was asked for.</param>
public delegate Task<EdgeVerdict> EdgeLookUp(IDirectory edge, AddressHashKey key, string address, CancellationToken cancellationToken);

/// <param name="Verdict"><c>known</c>, <c>unknown</c>, <c>internalOnly</c>, <c>notOurs</c> or <c>notReady</c>.</param>
/// <param name="Reason">One sentence.</param>
public sealed record EdgeVerdict(string Verdict, string Reason);

/// <summary>What waits for an entry that no source has, or that would lose something.</summary>
public enum PendingDeletion
{
    None,

    /// <summary>The guard holds its deletion, or what it would lose, until somebody decides.</summary>
    Held,

    /// <summary>An operator rejected that.</summary>
    Rejected,
}

/// <param name="Failure">Why the edge could not be asked; null: it was.</param>
/// <param name="Owner">The entry that has the address on the edge; null: none has.</param>
public sealed record EdgeExplanation(string Edge, string? Failure, EdgeOwner? Owner, IReadOnlyList<EdgeEntryExplanation> Entries)
{
    /// <summary>What its mail server is told about the address as it was asked for; null: nobody looked.</summary>
    public EdgeVerdict? Verdict { get; init; }
}

/// <param name="Id">cn of the entry.</param>
public sealed record EdgeOwner(string Id, string? Source, bool InternalOnly)
{
    public PendingDeletion Deletion { get; init; }

    /// <summary>The last decision on record about it.</summary>
    public AuditDecision? LastChange { get; init; }
}

/// <summary>The edge's entry for one object that is a recipient.</summary>
/// <param name="IsPresent">There is an entry of this id.</param>
/// <param name="IsEqual">It holds what the object would be projected to now.</param>
/// <param name="HasAddress">It has the address.</param>
/// <param name="LastChange">The last decision on record about it.</param>
public sealed record EdgeEntryExplanation(EntryId Id, bool IsPresent, bool IsEqual, bool HasAddress, AuditDecision? LastChange)
{
    public PendingDeletion Deletion { get; init; }
}
