using System.Buffers;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Postern.Transport;

/// <summary>One client: reads requests, answers them in order. Requests that arrive together are answered together.</summary>
internal sealed class SocketmapConnection(Socket socket, SocketmapMaps maps, SocketmapOptions options, LookupHealth health, ILogger logger, TimeProvider time)
    : IDisposable
{
    // Unsent replies at which answering pauses until they are sent; a reply has some tens of octets.
    private const int SendThreshold = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _output = new(256);
    private long _lastRequest = time.GetTimestamp();

    /// <summary>Time since a whole request was answered, or since the connection began.</summary>
    public TimeSpan Idle => time.GetElapsedTime(Interlocked.Read(ref _lastRequest));

    /// <param name="stopping">Ends the wait for a further request; one that is being answered is still answered.</param>
    /// <param name="aborting">Ends everything.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        byte[] input = new byte[options.MaxRequestBytes + Netstring.Overhead(options.MaxRequestBytes)];
        int filled = 0;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                int count = await socket.ReceiveAsync(input.AsMemory(filled), SocketFlags.None, stopping).ConfigureAwait(false);
                if (count == 0)
                {
                    return;
                }

                filled += count;
                int used = await AnswerAllAsync(input.AsMemory(0, filled), aborting).ConfigureAwait(false);
                await SendAsync(aborting).ConfigureAwait(false);
                if (used < 0)
                {
                    return;
                }

                input.AsSpan(used, filled - used).CopyTo(input);
                filled -= used;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            logger.ConnectionLost(e.Message);
        }
    }

    public void Dispose() => socket.Dispose();

    /// <returns>Octets consumed, or -1 when the connection is of no more use.</returns>
    private async ValueTask<int> AnswerAllAsync(ReadOnlyMemory<byte> input, CancellationToken aborting)
    {
        int used = 0;
        while (true)
        {
            switch (Netstring.TryRead(input.Span[used..], options.MaxRequestBytes, out Range content, out int consumed))
            {
                case NetstringStatus.Complete:
                    Netstring.Write(await AnswerAsync(input[used..][content], aborting).ConfigureAwait(false), _output);
                    Interlocked.Exchange(ref _lastRequest, time.GetTimestamp());
                    used += consumed;
                    if (_output.WrittenCount >= SendThreshold)
                    {
                        await SendAsync(aborting).ConfigureAwait(false);
                    }

                    break;
                case NetstringStatus.Incomplete:
                    return used;
                case NetstringStatus.TooLong:
                    return Refuse($"a request has at most {options.MaxRequestBytes} octets");
                default:
                    return Refuse("a request is a netstring, LENGTH:MAP KEY,");
            }
        }
    }

    /// <summary>Where the next request would begin is not known, so nothing more is read.</summary>
    private int Refuse(string reason)
    {
        logger.BadRequest(reason);
        Netstring.Write($"PERM {reason}", _output);
        return -1;
    }

    private async ValueTask<string> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken aborting)
    {
        try
        {
            SocketmapReply reply = await maps.AnswerAsync(request, aborting).ConfigureAwait(false);
            if (reply.Outcome == SocketmapOutcome.NotReady)
            {
                health.NotReady(reply.Text);
            }
            else if (reply.Outcome != SocketmapOutcome.Refused)
            {
                health.Answered();
            }

            return reply.Text;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever went wrong inside: the one wrong answer would be "not found". The cause is for the log, not for the client.
            health.Failed(e);
            return "TEMP the directory did not answer; the log of postern says why";
        }
    }

    private async ValueTask SendAsync(CancellationToken aborting)
    {
        ReadOnlyMemory<byte> output = _output.WrittenMemory;
        while (output.Length > 0)
        {
            output = output[await socket.SendAsync(output, SocketFlags.None, aborting).ConfigureAwait(false)..];
        }

        _output.ResetWrittenCount();
    }
}
