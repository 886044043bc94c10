namespace Postern.EdgeSync.Rotation;

/// <summary>When the certificates of nodes are renewed. Those of Exchange live 5 years and renew themselves never (fact sheet 7.1, 12 row 26).</summary>
public sealed record CertificateTimetable
{
    /// <summary>Life of a certificate that a node makes for itself. Default 365 days. Ours: short enough that who set a pair up sees it renew itself.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>The part of its life after which a certificate gets a successor. Default two thirds. Ours.</summary>
    public double RenewAfter { get; init; } = 2.0 / 3;

    /// <summary>For so long after a change the certificate before is trusted still. Default 7 days. Ours: longer than any replication takes, and a
    /// node that was set back to a backup of yesterday is let in.</summary>
    public TimeSpan PreviousStays { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A previous certificate that is still shown is trusted for so many times <see cref="PreviousStays"/>, counted from the change: 28 days by default,
    /// the accounts of hubs on such an edge end soon after. Ours.</summary>
    public const int ShownStays = 4;

    /// <summary>A certificate that has so little left is reported. Default 30 days. Ours; with the default life its successor is then late by three months.</summary>
    public TimeSpan ExpiresSoon { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The same report is not repeated for so long. Default one day. Ours.</summary>
    public TimeSpan RepeatReport { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The shortest life that can be configured: the topology is looked at every five minutes, and clocks differ by minutes. Ours.</summary>
    public static readonly TimeSpan ShortestLifetime = TimeSpan.FromDays(1);

    /// <summary>The longest, 10 years. Ours.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(3652);
}
