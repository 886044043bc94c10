using Postern.EdgeSync.Rotation;

namespace Postern.EdgeSync.Subscriptions;

public enum SubscriptionState
{
    /// <summary>Edge: a file was written, no hub has proven itself yet.</summary>
    Exported,

    /// <summary>Hub: imported, the replication account is not proven yet.</summary>
    Pairing,

    Subscribed,

    /// <summary>Edge: it was subscribed, and no hub has credentials here any more.</summary>
    Orphaned,
}

/// <summary>A subscription as the hub keeps it (posternSubscription in the organization directory).</summary>
/// <param name="Name">The edge's short name.</param>
/// <param name="EdgeAddress">host:port that is dialled.</param>
/// <param name="CertificateDer">The edge's certificate: the pin is its whole DER.</param>
/// <param name="SubscribedTime">When the replication account was proven; null while pairing.</param>
public sealed record HubSubscription(
    string Name,
    string EdgeFqdn,
    string EdgeAddress,
    string Site,
    ReadOnlyMemory<byte> CertificateDer,
    SubscriptionState State,
    DateTimeOffset? SubscribedTime)
{
    /// <summary>DER of the certificate that the edge will have next: trusted already. Empty: none is announced.</summary>
    public ReadOnlyMemory<byte> NextCertificateDer { get; init; }

    /// <summary>DER of the certificate that it had before: trusted for a while. Empty: none.</summary>
    public ReadOnlyMemory<byte> PreviousCertificateDer { get; init; }

    /// <summary>When the current certificate took the place of the previous one.</summary>
    public DateTimeOffset? CertificateTime { get; init; }

    internal EdgePins Pins => new(CertificateDer, NextCertificateDer, PreviousCertificateDer, CertificateTime);

    internal HubSubscription With(EdgePins pins) => this with
    {
        CertificateDer = pins.Current,
        NextCertificateDer = pins.Next,
        PreviousCertificateDer = pins.Previous,
        CertificateTime = pins.Since,
    };
}

/// <summary>A subscription as the edge keeps it (posternEdgeSubscription, cn=subscription,o=edge).</summary>
/// <param name="Hub">The hub that proved itself; null while exported.</param>
/// <param name="BootstrapExpires">When the bootstrap account of the last exported file ends; null when it was used or is gone.</param>
public sealed record EdgeSubscription(
    string Name,
    string Fqdn,
    SubscriptionState State,
    string? Hub,
    string? Site,
    DateTimeOffset? SubscribedTime,
    DateTimeOffset? BootstrapExpires,
    IReadOnlyList<ReplicationState> Replication);

/// <summary>How far one type has come on the edge (posternSyncState).</summary>
/// <param name="Type"><c>recipients</c> or <c>configuration</c>.</param>
public sealed record ReplicationState(string Type, DateTimeOffset? LastSync, string? Hub);

/// <summary>What a removal did.</summary>
/// <param name="AccountsDeleted">Accounts deleted on the edge.</param>
/// <param name="EntriesDeleted">Replicated entries deleted on the edge; 0 on a hub, which leaves the data to the edge.</param>
/// <param name="Warning">What could not be done and what to do instead; null when all was done.</param>
public sealed record SubscriptionRemoval(string Name, int AccountsDeleted, long EntriesDeleted, string? Warning);
