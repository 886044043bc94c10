using Postern.EdgeSync.Auth;

namespace Postern.EdgeSync.Tests.Auth;

/// <summary>The table of fact sheet 8.2, row by row, and its edges.</summary>
public sealed class AuthDecisionTests
{
    [Theory]
    [InlineData(-1, -1, AuthAction.ReplaceNow, 1, null)]
    [InlineData(61, -1, AuthAction.Nothing, null, null)]
    [InlineData(60, -1, AuthAction.StageNext, 2, 30.0)]
    [InlineData(60, 120, AuthAction.StageNext, 2, 30.0)]
    [InlineData(60, 121, AuthAction.Nothing, null, null)]
    [InlineData(32, 0, AuthAction.StageNext, 2, 30.0)]
    [InlineData(31, -1, AuthAction.StageNext, 2, 4.0)]
    [InlineData(5, -1, AuthAction.StageNext, 2, 4.0)]
    [InlineData(4, -1, AuthAction.StageNext, 2, 2.0)]
    [InlineData(3, -1, AuthAction.StageNext, 2, 2.0)]
    [InlineData(2, -1, AuthAction.StageNext, 2, 0.0)]
    [InlineData(0, -1, AuthAction.StageNext, 2, 0.0)]
    [InlineData(0, 120, AuthAction.StageNext, 2, 0.0)]
    [InlineData(0, 121, AuthAction.ReplaceNow, 3, null)]
    [InlineData(-1, 0, AuthAction.ReplaceNow, 3, null)]
    [InlineData(-1, 500, AuthAction.ReplaceNow, 3, null)]
    [InlineData(1, 121, AuthAction.Nothing, null, null)]
    [InlineData(1800, 1800, AuthAction.Nothing, null, null)]
    public void Days_that_are_left_decide(int current, int next, AuthAction action, int? row, double? days)
    {
        AuthDecision decision = AuthDecision.Decide(Inputs(current, next));

        Assert.Equal((action, row), (decision.Action, decision.Row));
        Assert.Equal(days, decision.EffectiveIn?.TotalDays);
        Assert.False(decision.IsBlocked);
    }

    [Theory]
    [InlineData(true, false, 30, -1, AuthAction.ShareCurrent, 4)]
    [InlineData(false, true, 30, 100, AuthAction.ShareNext, 5)]
    [InlineData(true, true, 1000, 1000, AuthAction.ShareCurrent, 4)]
    [InlineData(true, false, -1, -1, AuthAction.ReplaceNow, 1)]
    [InlineData(true, false, 0, 100, AuthAction.ReplaceNow, 3)]
    [InlineData(true, true, -1, 400, AuthAction.ReplaceNow, 3)]
    public void Who_lacks_a_key_gets_it_before_a_successor_is_made_but_not_before_a_replacement(bool lacksCurrent, bool lacksNext, int current, int next, AuthAction action, int row)
    {
        AuthDecision decision = AuthDecision.Decide(Inputs(current, next) with { LackCurrent = lacksCurrent ? ["HUB2"] : [], LackNext = lacksNext ? ["HUB3"] : [] });

        Assert.Equal((action, (int?)row), (decision.Action, decision.Row));
    }

    [Fact]
    public void Nothing_is_done_blindly()
    {
        AuthInputs bad = Inputs(-1, -1);

        AuthDecision unread = AuthDecision.Decide(bad with { IsReadable = false, IgnoresUnreachable = true });
        AuthDecision unreachable = AuthDecision.Decide(bad with { Unreachable = ["HUB2"], IsEnforced = true });
        AuthDecision ignoring = AuthDecision.Decide(bad with { Unreachable = ["HUB2"], IgnoresUnreachable = true });

        Assert.Equal((AuthAction.Nothing, (int?)0, true), (unread.Action, unread.Row, unread.IsBlocked));
        Assert.Equal((AuthAction.Nothing, (int?)0, true), (unreachable.Action, unreachable.Row, unreachable.IsBlocked));
        Assert.Contains("HUB2", unreachable.Reason, StringComparison.Ordinal);
        Assert.Equal(AuthAction.ReplaceNow, ignoring.Action);
    }

    [Theory]
    [InlineData(-1, -1, AuthAction.ReplaceNow, null)]
    [InlineData(1000, -1, AuthAction.StageNext, 12.0)]
    [InlineData(1000, 1000, AuthAction.StageNext, 12.0)]
    [InlineData(1, 1000, AuthAction.StageNext, 0.0)]
    public void An_enforced_one_is_in_use_within_a_day(int current, int next, AuthAction action, double? hours)
    {
        AuthDecision decision = AuthDecision.Decide(Inputs(current, next) with { IsEnforced = true, LackCurrent = ["HUB2"] });

        Assert.Equal((action, hours), (decision.Action, decision.EffectiveIn?.TotalHours));
    }

    [Theory]
    [InlineData(-1, -1)]
    [InlineData(30, -1)]
    [InlineData(-1, 500)]
    public void Where_others_trust_it_too_nothing_is_renewed_unasked_but_keys_are_handed_on(int current, int next)
    {
        AuthInputs hybrid = Inputs(current, next) with { IsHybrid = true };

        AuthDecision stopped = AuthDecision.Decide(hybrid);
        AuthDecision share = AuthDecision.Decide(Inputs(1000, -1) with { IsHybrid = true, LackCurrent = ["HUB2"] });

        Assert.Equal((AuthAction.Nothing, true), (stopped.Action, stopped.IsBlocked));
        Assert.NotEqual(AuthAction.Nothing, AuthDecision.Decide(hybrid with { IgnoresHybrid = true }).Action);
        Assert.Equal((AuthAction.ShareCurrent, false), (share.Action, share.IsBlocked));
    }

    private static AuthInputs Inputs(int current, int next) => new(IsReadable: true, current, next, [], [], []);
}
