using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Mail;
using Postern.Testing;

namespace Postern.Transport.Tests.Postfix;

/// <summary>A real Postfix in front of our maps, configured as docs/postfix.md says.</summary>
public sealed class PostfixSocketmapTests : IAsyncLifetime
{
    private readonly EdgeFake _edge = EdgeFake.Synchronized();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postern-pf-");
    private SocketmapServer? _server;
    private PostfixFixture? _postfix;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_postfix is not null)
        {
            await _postfix.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private string Table(string map) => _server!.EndPoint is IPEndPoint address
        ? $"socketmap:inet:127.0.0.1:{address.Port}:{map}"
        : $"proxy:socketmap:unix:{_folder.FullName}/socketmap.sock:{map}";

    private async Task<PostfixFixture> StartAsync(bool unix, int relayPort = 0)
    {
        Peers.Require("postfix");

        // As the edge's folder: others may pass through, not look.
        _folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        _server = await SocketmapServer.StartAsync(
            unix ? SocketmapEndpoint.Unix(Path.Combine(_folder.FullName, "socketmap.sock")) : SocketmapEndpoint.Tcp(IPAddress.Loopback, 0),
            _edge.Lookup(),
            new SocketmapOptions(),
            NullLoggerFactory.Instance);
        return _postfix = await PostfixFixture.StartAsync(new PostfixOptions
        {
            RelayDomains = Table("domains"),
            RelayRecipientMaps = Table("recipients"),
            RelayPort = relayPort,
            MainLines = ["parent_domain_matches_subdomains =", "unknown_relay_recipient_reject_code = 550"],
        });
    }

    private static void Says(SmtpReply reply, int code, string text)
    {
        Assert.Equal(code, reply.Code);
        Assert.Contains(text, reply.Text, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Postfix_accepts_the_known_and_rejects_the_unknown(bool unix)
    {
        PostfixFixture postfix = await StartAsync(unix);
        await using SmtpDialogue smtp = await postfix.ConnectAsync();

        Says(await smtp.ProbeAsync("anna@example.com"), 250, "");
        Says(await smtp.ProbeAsync("ANNA@EXAMPLE.COM"), 250, "");
        Says(await smtp.ProbeAsync("nobody@example.com"), 550, "5.1.1");
        Says(await smtp.ProbeAsync("\"two words\"@example.com"), 550, "5.1.1");
        Says(await smtp.ProbeAsync("anyone@sub.example.com"), 250, "");
        Says(await smtp.ProbeAsync("anyone@partner.example"), 250, "");
        Says(await smtp.ProbeAsync("anna@example.org"), 554, "relay access denied");
        Says(await smtp.ProbeAsync("anyone@sub.partner.example"), 554, "relay access denied");
    }

    [SkippableFact]
    public async Task Without_the_access_map_a_recipient_from_inside_only_is_as_unknown_as_any()
    {
        PostfixFixture postfix = await StartAsync(unix: false);
        await using SmtpDialogue smtp = await postfix.ConnectAsync();

        SmtpReply inside = await smtp.ProbeAsync("staff@example.com");
        Says(inside, 550, "5.1.1");
        Assert.Equal((await smtp.ProbeAsync("nobody@example.com")).Text.Replace("nobody", "staff", StringComparison.Ordinal), inside.Text);
    }

    [SkippableFact]
    public async Task Postfix_takes_mail_for_recipients_from_inside_only_from_inside_only()
    {
        PostfixFixture postfix = await StartAsync(unix: false);
        await postfix.ReconfigureAsync($"relay_recipient_maps = proxy:{Table("allRecipients")}");
        await postfix.ReconfigureAsync($"smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access proxy:{Table("access")}");
        await using (SmtpDialogue outside = await postfix.ConnectAsync())
        {
            Says(await outside.ProbeAsync("staff@example.com"), 550, "5.7.1");
            Says(await outside.ProbeAsync("Staff@example.com"), 550, "recipient accepts mail from inside only");
            Says(await outside.ProbeAsync("nobody@example.com"), 550, "5.1.1");
            Says(await outside.ProbeAsync("anna@example.com"), 250, "");
            Says(await outside.ProbeAsync("anyone@partner.example"), 250, "");
            Says(await outside.ProbeAsync("anna@example.org"), 554, "relay access denied");
        }

        await postfix.ReconfigureAsync("mynetworks = 127.0.0.0/8");
        await using (SmtpDialogue inside = await postfix.ConnectAsync())
        {
            Says(await inside.ProbeAsync("staff@example.com"), 250, "");
            Says(await inside.ProbeAsync("nobody@example.com"), 550, "5.1.1");
        }

        await _server!.StopAsync();
        await using SmtpDialogue down = await postfix.ConnectAsync();
        Assert.Equal(451, (await down.ProbeAsync("anna@example.com")).Code);
    }

    [SkippableFact]
    public async Task Postfix_defers_before_the_first_synchronization()
    {
        _edge.Forget();
        PostfixFixture postfix = await StartAsync(unix: false);
        await using SmtpDialogue smtp = await postfix.ConnectAsync();

        Assert.Equal(451, (await smtp.ProbeAsync("anna@example.com")).Code);
        Assert.Equal(451, (await smtp.ProbeAsync("nobody@example.com")).Code);
        Assert.Equal(451, (await smtp.ProbeAsync("anna@example.org")).Code);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Postfix_defers_while_the_daemon_is_down_and_goes_on_after(bool unix)
    {
        PostfixFixture postfix = await StartAsync(unix);
        EndPoint endPoint = _server!.EndPoint;
        await using (SmtpDialogue before = await postfix.ConnectAsync())
        {
            Says(await before.ProbeAsync("nobody@example.com"), 550, "5.1.1");
        }

        await _server.DisposeAsync();
        await using (SmtpDialogue down = await postfix.ConnectAsync())
        {
            Assert.Equal(451, (await down.ProbeAsync("someone@example.com")).Code);
        }

        _server = await SocketmapServer.StartAsync(
            endPoint is IPEndPoint address ? new SocketmapEndpoint(address, null) : SocketmapEndpoint.Unix(Path.Combine(_folder.FullName, "socketmap.sock")),
            _edge.Lookup(),
            new SocketmapOptions(),
            NullLoggerFactory.Instance);
        await using SmtpDialogue after = await postfix.ConnectAsync();
        Says(await after.ProbeAsync("anna@example.com"), 250, "");
    }

    [SkippableFact]
    public async Task Postfix_relays_a_message_to_the_inside()
    {
        await using SmtpSink sink = new();
        PostfixFixture postfix = await StartAsync(unix: false, sink.Port);
        await using SmtpDialogue smtp = await postfix.ConnectAsync();

        Assert.Equal(250, (await smtp.SendAsync("anna@example.com", "Hello.")).Code);

        await sink.WaitForMessageAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(["anna@example.com"], Assert.Single(sink.Messages).Recipients);
    }

    [SkippableFact]
    public async Task Postmap_queries_both_maps()
    {
        PostfixFixture postfix = await StartAsync(unix: false);

        Assert.Equal("authoritative", await postfix.QueryMapAsync(Table("recipients"), "anna@example.com"));
        Assert.Null(await postfix.QueryMapAsync(Table("recipients"), "nobody@example.com"));
        Assert.Equal(AcceptedDomain.TypeName(AcceptedDomainType.InternalRelay), await postfix.QueryMapAsync(Table("domains"), "a.example.com"));
        Assert.Null(await postfix.QueryMapAsync(Table("domains"), "example.org"));
        _edge.Forget();
        await Assert.ThrowsAsync<InvalidOperationException>(() => postfix.QueryMapAsync(Table("recipients"), "nobody@example.com"));
    }
}
