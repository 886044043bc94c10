namespace Postern.EdgeSync.Leases;

/// <summary>Whether this hub may synchronize an edge now.</summary>
/// <param name="IsOurs">It may, as long as <paramref name="Fence"/> holds: what was learnt of the edge under another fence no longer counts.</param>
/// <param name="Holder">The hub that has the lease.</param>
/// <param name="Until">Not ours: when it may be asked for again, by this hub's clock; a lock that is renewed meanwhile moves it on.</param>
public sealed record LeaseAnswer(bool IsOurs, long Fence, string Holder, DateTimeOffset Until);

/// <summary>The lease of an edge as this hub saw it last.</summary>
/// <param name="Edge">Its name.</param>
/// <param name="Holder">Null: nobody.</param>
/// <param name="LockUntil">By the holder's clock; null when it was given back.</param>
/// <param name="OptionUntil">By the holder's clock.</param>
/// <param name="SeenUtc">When this was seen, by our clock.</param>
public sealed record LeaseView(
    string Edge, string? Holder, bool IsOurs, DateTimeOffset? LockUntil, DateTimeOffset? OptionUntil, long Fence, DateTimeOffset SeenUtc);
