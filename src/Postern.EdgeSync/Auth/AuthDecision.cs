namespace Postern.EdgeSync.Auth;

/// <summary>What is to be done about the auth certificate.</summary>
public enum AuthAction
{
    Nothing,

    /// <summary>There is none that works: a new one is the current one at once, and nothing before it counts.</summary>
    ReplaceNow,

    /// <summary>A new one becomes the current one later, when everybody knows it.</summary>
    StageNext,

    /// <summary>Some hub lacks the key of the current one.</summary>
    ShareCurrent,

    /// <summary>Some hub lacks the key of the next one.</summary>
    ShareNext,
}

/// <summary>What the decision is made from (fact sheet 8.2).</summary>
/// <param name="IsReadable">Whether there is an auth configuration.</param>
/// <param name="CurrentDays">Whole days left; -1: expired, none, or no hub that was reached has its key.</param>
/// <param name="NextDays">The same of the next one.</param>
/// <param name="LackCurrent">Hubs without the key of the current one.</param>
/// <param name="LackNext">Hubs without the key of the next one.</param>
/// <param name="Unreachable">Hubs of which it is not known what they have.</param>
public sealed record AuthInputs(
    bool IsReadable, int CurrentDays, int NextDays, IReadOnlyList<string> LackCurrent, IReadOnlyList<string> LackNext, IReadOnlyList<string> Unreachable)
{
    /// <summary>Decide although some hub is unreachable.</summary>
    public bool IgnoresUnreachable { get; init; }

    /// <summary>A new one is wanted, however long the current one lasts.</summary>
    public bool IsEnforced { get; init; }

    /// <summary>Something outside of this organization trusts the current one, and has to be told of a new one by hand.</summary>
    public bool IsHybrid { get; init; }

    public bool IgnoresHybrid { get; init; }
}

/// <param name="Row">Of the table in fact sheet 8.2; 0: nothing could be decided, null: nothing is to be done.</param>
/// <param name="IsBlocked">Something is wrong or to be done, and must not be done now.</param>
/// <param name="EffectiveIn">Of <see cref="AuthAction.StageNext"/>.</param>
public sealed record AuthDecision(AuthAction Action, int? Row, string Reason, bool IsBlocked = false, TimeSpan? EffectiveIn = null)
{
    /// <summary>A current one with fewer days than this (inclusive) gets a successor.</summary>
    public const int CurrentThreshold = 60;

    /// <summary>A next one with more days than this is successor enough.</summary>
    public const int NextThreshold = 120;

    /// <summary>A current one with fewer days cannot wait for a successor that comes in <see cref="StageDays"/>.</summary>
    private const int HurryDays = 32;

    private const int StageDays = 30;
    private const int LongHurryDays = 4;
    private const int ShortHurryDays = 2;

    /// <summary>An enforced one is in use within 12 to 24 hours.</summary>
    private static readonly TimeSpan Enforced = TimeSpan.FromHours(12);

    /// <summary>The table of fact sheet 8.2, in its order.</summary>
    public static AuthDecision Decide(AuthInputs inputs)
    {
        if (!inputs.IsReadable)
        {
            return new AuthDecision(AuthAction.Nothing, 0, "there is no auth configuration that can be read", IsBlocked: true);
        }

        if (inputs.Unreachable.Count > 0 && !inputs.IgnoresUnreachable)
        {
            return new AuthDecision(AuthAction.Nothing, 0, $"nothing is known of {string.Join(", ", inputs.Unreachable)}", IsBlocked: true);
        }

        bool nobodyLacks = inputs.LackCurrent.Count == 0 && inputs.LackNext.Count == 0;
        AuthDecision? renewal = inputs switch
        {
            { CurrentDays: < 0, NextDays: < 0 } => new AuthDecision(AuthAction.ReplaceNow, 1, "neither the current nor the next one can be used"),
            { IsEnforced: true } => new AuthDecision(AuthAction.StageNext, 2, "a new one was asked for", EffectiveIn: Sooner(Enforced, StagedFor(inputs.CurrentDays))),
            { CurrentDays: >= 0 and <= CurrentThreshold, NextDays: <= NextThreshold } when nobodyLacks => new AuthDecision(
                AuthAction.StageNext, 2, $"the current one has {inputs.CurrentDays} days left", EffectiveIn: StagedFor(inputs.CurrentDays)),
            { CurrentDays: <= 0, NextDays: >= 0 } => new AuthDecision(AuthAction.ReplaceNow, 3, "the current one can be used no longer, and the next one is not in use yet"),
            _ => null,
        };
        if (renewal is not null)
        {
            return inputs is { IsHybrid: true, IgnoresHybrid: false }
                ? renewal with { Action = AuthAction.Nothing, IsBlocked = true, EffectiveIn = null, Reason = $"{renewal.Reason}; but others trust the current one and have to be told" }
                : renewal;
        }

        return inputs.LackCurrent.Count > 0 ? new AuthDecision(AuthAction.ShareCurrent, 4, $"{string.Join(", ", inputs.LackCurrent)} cannot sign with the current one")
            : inputs.LackNext.Count > 0 ? new AuthDecision(AuthAction.ShareNext, 5, $"{string.Join(", ", inputs.LackNext)} cannot sign with the next one")
            : new AuthDecision(AuthAction.Nothing, null, "all is well");
    }

    /// <summary>When a successor takes over: in time, and late enough for everybody to know it.</summary>
    private static TimeSpan StagedFor(int currentDays) => TimeSpan.FromDays(currentDays switch
    {
        >= HurryDays => StageDays,
        > LongHurryDays => LongHurryDays,
        > ShortHurryDays => ShortHurryDays,
        _ => 0,
    });

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
