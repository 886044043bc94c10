using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Testing;

namespace Postern.Transport.Tests.Postfix;

/// <summary>The main.cf of docs/postfix.md, as it stands there but for the port and the host inside.</summary>
public class DocumentedConfigurationTests
{
    private static List<string> MainLines()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Postern.slnx")))
        {
            root = root.Parent;
        }

        return [.. File.ReadLines(Path.Combine(root!.FullName, "docs", "postfix.md"))
            .SkipWhile(line => line != "```ini").Skip(1)
            .TakeWhile(line => line != "```")
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#'))];
    }

    [SkippableFact]
    public async Task Main_cf_of_the_documentation_works_when_pasted()
    {
        Peers.Require("postfix");
        EdgeFake edge = EdgeFake.Synchronized();
        await using SmtpSink sink = new();
        await using SocketmapServer server = await SocketmapServer.StartAsync(
            SocketmapEndpoint.Tcp(IPAddress.Loopback, 0), edge.Lookup(), new SocketmapOptions(), NullLoggerFactory.Instance);
        List<string> lines = MainLines();
        Assert.Contains(lines, line => line.Contains("inet:127.0.0.1:8024:allRecipients", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("[mail.inside.example.com]:25", StringComparison.Ordinal));
        lines = lines.ConvertAll(line => line
            .Replace("127.0.0.1:8024", server.EndPoint.ToString(), StringComparison.Ordinal)
            .Replace("[mail.inside.example.com]:25", $"[127.0.0.1]:{sink.Port}", StringComparison.Ordinal));
        await using PostfixFixture postfix = await PostfixFixture.StartAsync(
            new PostfixOptions { RelayDomains = "", RelayRecipientMaps = "", MainLines = lines });
        await using SmtpDialogue smtp = await postfix.ConnectAsync();

        Assert.Equal("550 5.1.1", (await smtp.ProbeAsync("nobody@example.com")).ToString()[..9]);
        Assert.Equal("550 5.7.1", (await smtp.ProbeAsync("staff@example.com")).ToString()[..9]);
        Assert.Equal("554 5.7.1", (await smtp.ProbeAsync("anna@example.org")).ToString()[..9]);
        Assert.Equal("554 5.7.1", (await smtp.ProbeAsync("anna@sub.partner.example")).ToString()[..9]);
        Assert.Equal(250, (await smtp.ProbeAsync("any@deep.sub.example.com")).Code);
        Assert.Equal(250, (await smtp.SendAsync("Anna@example.com", "Hello.")).Code);
        await sink.WaitForMessageAsync(TimeSpan.FromSeconds(60));
        await server.StopAsync();
        Assert.Equal("451 4.3.0", (await smtp.ProbeAsync("late@example.com")).ToString()[..9]);
    }
}
