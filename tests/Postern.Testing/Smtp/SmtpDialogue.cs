using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Testing;

/// <summary>The smallest SMTP client: one command, one reply. For asking a server what it thinks of a recipient.</summary>
public sealed class SmtpDialogue : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly NetworkStream _stream;

    private SmtpDialogue(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>Connects, waits for 220 and says EHLO.</summary>
    public static async Task<SmtpDialogue> ConnectAsync(int port, CancellationToken cancellationToken = default)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var dialogue = new SmtpDialogue(client);
        Expect(220, await dialogue.ReadAsync(cancellationToken));
        Expect(250, await dialogue.CommandAsync("EHLO client.test", cancellationToken));
        return dialogue;
    }

    /// <summary>Sends a line and reads its reply.</summary>
    public async Task<SmtpReply> CommandAsync(string line, CancellationToken cancellationToken = default)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    public async Task MailFromAsync(string sender = "sender@client.test") => Expect(250, await CommandAsync($"MAIL FROM:<{sender}>"));

    /// <summary>The answer to RCPT TO; MAIL FROM comes before.</summary>
    public Task<SmtpReply> RecipientAsync(string address) => CommandAsync($"RCPT TO:<{address}>");

    /// <summary>Asks about one recipient in a transaction of its own.</summary>
    public async Task<SmtpReply> ProbeAsync(string address)
    {
        await MailFromAsync();
        SmtpReply reply = await RecipientAsync(address);
        Expect(250, await CommandAsync("RSET"));
        return reply;
    }

    /// <summary>A whole message.</summary>
    public async Task<SmtpReply> SendAsync(string recipient, string body)
    {
        await MailFromAsync();
        Expect(250, await RecipientAsync(recipient));
        Expect(354, await CommandAsync("DATA"));
        return await CommandAsync($"From: sender@client.test\r\nTo: {recipient}\r\nSubject: test\r\n\r\n{body}\r\n.");
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Expect(int code, SmtpReply reply)
    {
        if (reply.Code != code)
        {
            throw new InvalidOperationException($"Expected {code}, the server said {reply}");
        }
    }

    private async Task<SmtpReply> ReadAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        var lines = new List<string>();
        while (true)
        {
            string line = await _reader.ReadLineAsync(timeout.Token) ?? throw new IOException("The SMTP server closed the connection.");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length < 4 || line[3] != '-')
            {
                return new SmtpReply(int.Parse(line.AsSpan(0, 3), CultureInfo.InvariantCulture), lines);
            }
        }
    }
}
