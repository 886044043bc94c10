namespace Postern.EdgeSync.Credentials;

/// <summary>When replication accounts are renewed (fact sheet 3.5).</summary>
public sealed record CredentialTimetable
{
    /// <summary>Life of a replication account from when it takes effect. Default 30 days; the length in Exchange is not documented (section 14).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The successor is made so long before the account expires. Default 7 days.</summary>
    public TimeSpan SuccessorBefore { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The successor takes effect so long before the account expires. Default 3 days.</summary>
    public TimeSpan EffectiveBefore { get; init; } = TimeSpan.FromDays(3);

    /// <summary>The shortest life that can be configured: the topology is looked at every five minutes, and clocks differ by minutes. Ours.</summary>
    public static readonly TimeSpan ShortestLifetime = TimeSpan.FromHours(1);

    /// <summary>The longest: a password that is known to nobody is worth changing every year. Ours.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(366);
}
