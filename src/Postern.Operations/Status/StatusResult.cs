namespace Postern.Operations.Status;

/// <summary>What a daemon is and holds, without asking any peer.</summary>
/// <param name="Side"><c>edge</c> or <c>hub</c>.</param>
/// <param name="Listeners">Name (<c>ldaps</c>, <c>ldap</c>, <c>socketmap</c>, <c>control</c>) and where it listens.</param>
/// <param name="Synchronized">Edge: per type, when the last completed cycle was; a type that never completed is absent.</param>
public sealed record StatusResult(
    string Side, string Name, string Fqdn, string Version, DateTimeOffset StartedUtc, string DataFolder,
    IReadOnlyDictionary<string, string> Listeners, IReadOnlyList<SubscriptionSummary> Subscriptions, IReadOnlyDictionary<string, DateTimeOffset> Synchronized)
{
    /// <summary>Hub: of each edge that was asked for its lease since the start.</summary>
    public IReadOnlyList<LeaseStatus> Leases { get; init; } = [];
}

/// <summary>Which hub synchronizes an edge, as this hub saw it last.</summary>
/// <param name="Holder">Null: nobody.</param>
/// <param name="Type"><c>lock</c>, <c>option</c> (the holder gave the lock back) or <c>none</c>.</param>
/// <param name="ExpiryUtc">Of the lock or the option, by the holder's clock.</param>
/// <param name="Fence">Grows with every hub that takes over.</param>
public sealed record LeaseStatus(
    string Edge, string? Holder, bool IsThis, string Type, DateTimeOffset? ExpiryUtc, DateTimeOffset? OptionExpiryUtc, long Fence, DateTimeOffset SeenUtc);

public sealed record SubscriptionSummary(string Name, string State);
