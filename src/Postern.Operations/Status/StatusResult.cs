namespace Postern.Operations.Status;

/// <summary>What a daemon is and holds, without asking any peer.</summary>
/// <param name="Side"><c>edge</c> or <c>hub</c>.</param>
/// <param name="Listeners">Name (<c>ldaps</c>, <c>ldap</c>, <c>socketmap</c>, <c>control</c>) and where it listens.</param>
/// <param name="Synchronized">Edge: per type, when the last completed cycle was; a type that never completed is absent.</param>
public sealed record StatusResult(
    string Side, string Name, string Fqdn, string Version, DateTimeOffset StartedUtc, string DataFolder,
    IReadOnlyDictionary<string, string> Listeners, IReadOnlyList<SubscriptionSummary> Subscriptions, IReadOnlyDictionary<string, DateTimeOffset> Synchronized);

public sealed record SubscriptionSummary(string Name, string State);
