using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Testing;

/// <summary>The mail server inside, as far as a relay sees it: takes every message and remembers it.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<SunkMessage> _messages = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Task _accepting;

    public SmtpSink()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyCollection<SunkMessage> Messages => _messages;

    /// <summary>Waits for the next message that nobody waited for yet.</summary>
    public async Task WaitForMessageAsync(TimeSpan patience)
    {
        if (!await _arrived.WaitAsync(patience))
        {
            throw new TimeoutException($"No message arrived within {patience}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _arrived.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The listener was stopped.
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await TalkAsync(client.GetStream());
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The peer went away, or the test ended.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var recipients = new List<string>();
        await stream.WriteAsync("220 sink.test ESMTP\r\n"u8.ToArray(), _stop.Token);
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            string verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (verb == "RCPT")
            {
                recipients.Add(line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)]);
            }

            if (verb == "DATA")
            {
                await stream.WriteAsync("354 go on\r\n"u8.ToArray(), _stop.Token);
                _messages.Enqueue(new SunkMessage([.. recipients], await ReadDataAsync(reader)));
                _arrived.Release();
                recipients.Clear();
            }

            await stream.WriteAsync(verb == "QUIT" ? "221 bye\r\n"u8.ToArray() : "250 ok\r\n"u8.ToArray(), _stop.Token);
            if (verb == "QUIT")
            {
                return;
            }
        }
    }

    private async Task<string> ReadDataAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>A message that reached the sink.</summary>
public sealed record SunkMessage(IReadOnlyList<string> Recipients, string Text);
