namespace Postern.Testing.Tests;

public sealed class PostfixFixtureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Postfix_rejects_unknown_recipients_and_relays_the_rest()
    {
        using var folder = new TempFolder(shared: true);
        await using var sink = new SmtpSink();
        await using PostfixFixture postfix = await PostfixFixture.StartAsync(new PostfixOptions
        {
            RelayDomains = "example.com",
            RelayRecipientMaps = "inline:{known@example.com=OK}",
            RelayPort = sink.Port,
        });
        await using SmtpDialogue client = await postfix.ConnectAsync();

        SmtpReply known = await client.ProbeAsync("known@example.com");
        SmtpReply unknown = await client.ProbeAsync("nobody@example.com");
        SmtpReply foreign = await client.ProbeAsync("known@elsewhere.test");
        Assert.Equal(250, known.Code);
        Assert.Equal(550, unknown.Code);
        Assert.StartsWith("5.1.1 ", unknown.Text, StringComparison.Ordinal);
        Assert.Equal(554, foreign.Code);
        Assert.Contains("Relay access denied", foreign.Text, StringComparison.Ordinal);

        SmtpReply sent = await client.SendAsync("known@example.com", "hello");
        Assert.Equal(250, sent.Code);
        await sink.WaitForMessageAsync(Patience);
        Assert.Equal(["known@example.com"], Assert.Single(sink.Messages).Recipients);
    }
}
