using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Mail;

/// <summary>What the whole is for: a real Postfix in front of an edge.</summary>
public sealed class PostfixTests
{
    [SkippableFact]
    public async Task Known_recipients_are_taken_unknown_ones_rejected_and_foreign_domains_not_relayed()
    {
        Peers.Require("postfix");
        await using Installation one = await Installation.StartAsync(200, socketmap: "127.0.0.1:0");
        string map = $"socketmap:inet:{one.Edge.Ready.GetProperty("socketmap").GetString()}";
        await using PostfixFixture postfix = await PostfixFixture.StartAsync(
            new PostfixOptions { RelayDomains = $"{map}:domains", RelayRecipientMaps = $"{map}:recipients" });
        await using SmtpDialogue client = await postfix.ConnectAsync();
        string known = one.Organization.Recipients().First().Addresses[0];

        // Nothing was synchronized: nobody may be rejected for good. (Another address: smtpd remembers what it resolved, failures too.)
        SmtpReply early = await client.ProbeAsync(one.Organization.Recipients().Last().Addresses[0]);
        Assert.True(early.Code is >= 400 and < 500, early.ToString());

        await one.SubscribeAsync();
        await AnswersAsync(one, client, known);

        await one.Hub.KillAsync();
        await using SmtpDialogue later = await postfix.ConnectAsync();
        await AnswersAsync(one, later, known);
    }

    private static async Task AnswersAsync(Installation one, SmtpDialogue client, string known)
    {
        SmtpReply taken = await client.ProbeAsync(known);
        SmtpReply rejected = await client.ProbeAsync(one.Organization.AbsentAddress(1));
        SmtpReply foreign = await client.ProbeAsync("anna@elsewhere.example");

        Assert.True(taken.Code == 250, taken.ToString());
        Assert.True(rejected.Code == 550 && rejected.Text.Contains("5.1.1", StringComparison.Ordinal), rejected.ToString());
        Assert.True(foreign.Code is 554 or 454 && foreign.Text.Contains("Relay access denied", StringComparison.Ordinal), foreign.ToString());
    }
}
