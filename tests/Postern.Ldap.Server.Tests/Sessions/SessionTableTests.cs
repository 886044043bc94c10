using Postern.Ldap.Server.Sessions;

namespace Postern.Ldap.Server.Tests.Sessions;

public class SessionTableTests
{
    [Fact]
    public void Table_has_a_rule_for_every_state_and_request()
    {
        foreach (SessionState state in Enum.GetValues<SessionState>())
        {
            foreach (RequestKind kind in Enum.GetValues<RequestKind>())
            {
                SessionRule rule = SessionTable.Rule(state, kind);
                Assert.Equal(rule.IsAllowed, rule.Message.Length == 0);
            }
        }
    }

    [Fact]
    public void Table_prints_as_it_is_meant()
    {
        string[] lines = [.. SessionTable.Print().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(
            [
                "Anonymous Bound BulkUpdate",
                "Bind yes yes yes",
                "Unbind yes yes yes",
                "Search yes yes yes",
                "Modify yes yes OperationsError",
                "Add yes yes OperationsError",
                "Delete yes yes OperationsError",
                "ModifyDn yes yes OperationsError",
                "Compare yes yes yes",
                "Abandon yes yes yes",
                "StartTls yes yes OperationsError",
                "WhoAmI yes yes yes",
                "Cancel yes yes yes",
                "StartLburp StrongerAuthRequired yes OperationsError",
                "LburpUpdate OperationsError OperationsError yes",
                "EndLburp OperationsError OperationsError yes",
                "PasswordModify StrongerAuthRequired yes OperationsError",
                "StartTransaction StrongerAuthRequired yes OperationsError",
                "EndTransaction yes yes yes",
                "UnknownExtended ProtocolError ProtocolError ProtocolError",
                "Response ProtocolError ProtocolError ProtocolError",
            ],
            lines.Select(l => l.TrimEnd()));
    }

    [Theory]
    [InlineData(true, false, 0, false, true)]
    [InlineData(false, false, 0, false, false)]
    [InlineData(true, true, 0, false, false)]
    [InlineData(true, false, 1, false, false)]
    [InlineData(true, false, 0, true, false)]
    public void StartTls_is_guarded(bool offered, bool active, int outstanding, bool moreFollows, bool allowed) =>
        Assert.Equal(allowed, SessionTable.StartTls(offered, active, outstanding, moreFollows).IsAllowed);
}
