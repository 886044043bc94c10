using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Rotation;

namespace Postern.EdgeSync.Settings;

/// <summary>hub.json, checked. Paths are absolute: relative ones count from the folder of the file.</summary>
public sealed record HubSettings
{
    /// <summary>The site that edges are subscribed to; any text, e.g. <c>Default-First-Site-Name</c>.</summary>
    public required string Site { get; init; }

    public required IReadOnlyList<SourceSettings> Sources { get; init; }

    /// <summary>The directory that the hubs of an organization share; null: this hub is the only one and keeps its own.</summary>
    public OrganizationSettings? Organization { get; init; }

    /// <summary>At most this long between two recipient cycles (fact sheet 4.2). Default 5 minutes, at least 1 second.</summary>
    public TimeSpan RecipientSyncInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>At most this long between two configuration cycles. Default 3 minutes, at least 1 second.</summary>
    public TimeSpan ConfigurationSyncInterval { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>At most this long between two looks at which hubs and edges there are (fact sheet 4.1). Default 5 minutes, at least 1 second.</summary>
    public TimeSpan TopologyInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long this hub may keep an edge to itself: <c>lockDuration</c>, <c>lockRenewalDuration</c>, <c>optionDuration</c>.</summary>
    public LeaseSettings Lease { get; init; } = new();

    /// <summary>When this hub renews its accounts on the edges: <c>credentialLifetime</c>, <c>credentialSuccessorBefore</c>, <c>credentialEffectiveBefore</c>.</summary>
    public CredentialTimetable Credentials { get; init; } = new();

    /// <summary>When this hub renews its certificate: <c>certificateLifetime</c>.</summary>
    public CertificateTimetable Certificates { get; init; } = new();

    /// <summary>An older cookie is not used any more: the source is read whole (fact sheet 4.2). Default 21 days, at least 1 minute. Has to be
    /// shorter than the time for which the source keeps traces of what was deleted.</summary>
    public TimeSpan CookieValidDuration { get; init; } = TimeSpan.FromDays(21);

    /// <summary>The EdgeSync log: <c>log</c>.</summary>
    public LogSettings Log { get; init; } = new();

    public DeleteGuardSettings RecipientDeleteGuard { get; init; } = new();

    public DeleteGuardSettings ConfigurationDeleteGuard { get; init; } = DeleteGuardSettings.ForConfiguration;
}

/// <summary>When deletions of one type of data are held back. The keys of <c>deleteGuard</c> in hub.json.</summary>
public sealed record DeleteGuardSettings
{
    /// <summary>Configuration is few objects, of which an administrator removes some now and then: half of them, at least 5. Ours.</summary>
    public static DeleteGuardSettings ForConfiguration { get; } = new() { Share = 0.5, Minimum = 5 };

    /// <summary>More than this share of what the edge holds is not deleted within <see cref="Window"/>. 0 to 1, default 0.1 (configuration 0.5); 1 turns it off.</summary>
    public double Share { get; init; } = 0.10;

    /// <summary>Fewer deletions than this are never held by the share. Default 50 entries (configuration 5).</summary>
    public int Minimum { get; init; } = 50;

    /// <summary>Deletions of this long count together, so that many small changes do not slip through. Default 1 hour, 1 second to 7 days.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);
}
