using Postern.Operations.Synchronization;

namespace Postern.Operations.Subscriptions;

/// <summary>On the edge: make what a hub needs to subscribe.</summary>
/// <param name="Force">Make a new file although the edge is subscribed, or a file is out already; the old bootstrap account goes.</param>
/// <param name="DurationMinutes">How long the file can be used.</param>
public sealed record NewSubscription(bool Force, int DurationMinutes)
{
    /// <summary>Seal the file with it; null: not. A secret.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Seal the file for the hub of this certificate, PEM; null: not.</summary>
    public string? ForHub { get; init; }

    /// <summary>Without the passphrase.</summary>
    public override string ToString() => nameof(NewSubscription);
}

/// <param name="Document">The subscription file. In clear it is a secret: it carries the bootstrap password and the address key.</param>
/// <param name="CertificateSha256">Of the DER of Edge-Cert, lower-case hex: compare it by eye on both sides.</param>
public sealed record NewSubscriptionResult(
    string EdgeName, string EdgeFqdn, int AdamSslPort, string CertificateSha256, DateTimeOffset ExpiresUtc, string Document)
{
    /// <summary>Objects of the edge's own that the first configuration cycle replaces.</summary>
    public IReadOnlyList<LocalObjectView> Replaces { get; init; } = [];

    /// <summary>The LDIF file on the edge that keeps them; null when there are none.</summary>
    public string? Backup { get; init; }

    /// <summary>clear, passphrase or hub.</summary>
    public required string Form { get; init; }

    /// <summary>The hub's certificate that the file is sealed for, SHA-256, lower-case hex: compare it with what `hub identity` prints.</summary>
    public string? HubSha256 { get; init; }
}

/// <summary>One object of the configuration that was made on the edge itself.</summary>
/// <param name="Kind">For example <c>send connector</c>.</param>
public sealed record LocalObjectView(string Kind, string Name);

/// <summary>What a new subscription would replace.</summary>
public sealed record SubscriptionPreview(IReadOnlyList<LocalObjectView> Replaces);

/// <summary>On the hub: subscribe the edge that made this file, and synchronize it.</summary>
/// <param name="Document">The subscription file as it was read.</param>
/// <param name="FileName">For messages.</param>
/// <param name="Address">host:port to dial when the edge is not reached under its own name and the port of the file.</param>
/// <param name="Synchronize">False: leave the first synchronization to the next <c>sync start</c>.</param>
/// <param name="InternetConnector">Make the send connector to the Internet, or let the edge join it.</param>
/// <param name="InboundConnector">Make the edge's send connector to the servers of the site.</param>
public sealed record ImportSubscription(
    string Document, string FileName, string Site, string? Address, bool Synchronize = true, bool InternetConnector = true, bool InboundConnector = true)
{
    /// <summary>A file with an RSA-4096 certificate has about 8 KiB.</summary>
    public const int MaxDocumentBytes = 64 * 1024;

    /// <summary>Import although objects of the edge's own are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>That the file is sealed with; null: none was given. A secret.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Without the file and the passphrase.</summary>
    public override string ToString() => $"{nameof(ImportSubscription)} {FileName}";
}

/// <param name="Results">Of the first synchronization, one per type; empty when none was asked for.</param>
public sealed record ImportSubscriptionResult(SubscriptionView Subscription, IReadOnlyList<SyncCycleResult> Results)
{
    /// <summary>Send connectors that were made for the edge, or that it joined.</summary>
    public IReadOnlyList<string> Connectors { get; init; } = [];

    /// <summary>The way to the edge, in its order.</summary>
    public IReadOnlyList<SubscriptionStep> Steps { get; init; } = [];
}

/// <summary>One step of the way to an edge.</summary>
/// <param name="Check">dns, tcp, tls, pin, clock or bind.</param>
/// <param name="State">good, warning, failed or skipped.</param>
/// <param name="Evidence">What was seen.</param>
public sealed record SubscriptionStep(string Check, string State, string Evidence);

/// <summary>On the hub: dial the edge elsewhere from now on.</summary>
/// <param name="Force">Do not walk the way there first.</param>
public sealed record SetSubscription(string Name, string Address, bool Force = false);

/// <param name="Steps">The way that was walked; empty where it was not.</param>
public sealed record SubscriptionSet(SubscriptionView Subscription, IReadOnlyList<SubscriptionStep> Steps);

/// <param name="Name">The edge's name; on the edge there is at most one subscription and it has the edge's own name.</param>
public sealed record NamedSubscription(string Name);

/// <summary>A subscription as either side sees it.</summary>
/// <param name="Side"><c>edge</c> or <c>hub</c>: where this was read.</param>
/// <param name="State">Hub: pairing, subscribed, or refused: the edge knew this hub no more. Edge: exported, subscribed, or orphaned: no hub has credentials any more.</param>
/// <param name="Address">Hub: what is dialled.</param>
/// <param name="Hub">Edge: who subscribed it.</param>
/// <param name="SubscribedUtc">Null as long as it was not.</param>
public sealed record SubscriptionView(
    string Side, string Name, string Fqdn, string? Address, string? Site, string? Hub, string State, string? CertificateSha256, DateTimeOffset? SubscribedUtc)
{
    /// <summary>What the other side did, as far as this side noticed, and what to do; null: nothing.</summary>
    public string? Problem { get; init; }
}

public sealed record SubscriptionList(IReadOnlyList<SubscriptionView> Subscriptions);

/// <param name="AccountsDeleted">Accounts deleted on the edge.</param>
/// <param name="EntriesDeleted">Replicated entries deleted on the edge; 0 on a hub, which leaves the data to the edge.</param>
/// <param name="Warning">What could not be done and what to do instead; null when all was done.</param>
public sealed record SubscriptionRemoved(string Name, int AccountsDeleted, long EntriesDeleted, string? Warning)
{
    /// <summary>Hub: connectors that are gone, because they had no other edge.</summary>
    public IReadOnlyList<string> Connectors { get; init; } = [];
}
