using System.Buffers;
using System.IO.Pipelines;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Server.Connections;

/// <summary>The way out of one connection. Operations share it: each call appends whole messages, and calls that come close together
/// leave in one flush. A peer that does not take a write in time is cut off.</summary>
internal sealed class ResponseChannel(PipeWriter output, TimeSpan writeTimeout, TimeProvider time, Action<string> abort) : IDisposable
{
    /// <summary>Appended octets after which a flush is due although more writers wait: a socket's send buffer, roughly.</summary>
    private const int FlushBytes = 64 * 1024;

    private readonly SemaphoreSlim _gate = new(1);
    private PipeWriter _output = output;
    private long _gathered;
    private int _waiting;
    private volatile bool _held;
    private bool _broken;
    private bool _gaveUp;

    /// <returns>False when the connection is gone; nothing is thrown for that.</returns>
    public ValueTask<bool> SendAsync(LdapMessage message) => SendAsync(message, default);

    /// <param name="messages">One or more whole messages.</param>
    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> messages) => SendAsync(null, messages);

    /// <summary>From here on what is sent gathers, until <see cref="ReleaseAsync"/>: the answers to requests that came in one read leave
    /// in one write, one TLS record. Called by the read loop, which must not wait for anything meanwhile.</summary>
    public void Hold() => _held = true;

    /// <summary>Sends what has gathered.</summary>
    public async ValueTask ReleaseAsync()
    {
        _held = false;
        Interlocked.MemoryBarrier(); // against who has appended and now looks whether it is held: one of the two must see the other
        if (Volatile.Read(ref _gathered) == 0)
        {
            return;
        }

        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_broken && _gathered > 0)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private ValueTask<bool> SendAsync(LdapMessage? message, ReadOnlyMemory<byte> encoded)
    {
        if (!_gate.Wait(0, CancellationToken.None))
        {
            return SendLaterAsync(message, encoded);
        }

        bool flushes = false;
        try
        {
            if (_broken || !(flushes = Append(message, encoded)))
            {
                return new ValueTask<bool>(!_broken);
            }
        }
        finally
        {
            if (!flushes)
            {
                _gate.Release();
            }
        }

        return FlushAndLeaveAsync();
    }

    private async ValueTask<bool> SendLaterAsync(LdapMessage? message, ReadOnlyMemory<byte> encoded)
    {
        Interlocked.Increment(ref _waiting);
        await _gate.WaitAsync().ConfigureAwait(false);
        Interlocked.Decrement(ref _waiting);
        bool flushes = false;
        try
        {
            if (_broken || !(flushes = Append(message, encoded)))
            {
                return !_broken;
            }
        }
        finally
        {
            if (!flushes)
            {
                _gate.Release();
            }
        }

        return await FlushAndLeaveAsync().ConfigureAwait(false);
    }

    /// <returns>Whether a flush is due: nobody who waits will do it, and the read loop will not either.</returns>
    private bool Append(LdapMessage? message, ReadOnlyMemory<byte> encoded)
    {
        if (message is null)
        {
            _output.Write(encoded.Span);
        }
        else
        {
            LdapCodec.Encode(message, _output);
        }

        Volatile.Write(ref _gathered, _output.UnflushedBytes);
        Interlocked.MemoryBarrier(); // see ReleaseAsync
        return _gathered >= FlushBytes || (Volatile.Read(ref _waiting) == 0 && !_held);
    }

    private async ValueTask<bool> FlushAndLeaveAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
            return !_broken;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Goes on over another transport; what was sent before has left through the old one.</summary>
    public async Task SwitchAsync(PipeWriter output)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _output = output;
        _gate.Release();
    }

    /// <summary>Whatever is sent from now on is dropped.</summary>
    /// <returns>Whether the transport is at rest: false when a write was given up and may still be under way.</returns>
    public async Task<bool> CloseAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _broken = true;
        bool atRest = !_gaveUp;
        _gate.Release();
        return atRest;
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask FlushAsync()
    {
        _gathered = 0;
        try
        {
            ValueTask<FlushResult> flush = _output.FlushAsync();
            FlushResult result = flush.IsCompleted
                ? await flush.ConfigureAwait(false)
                : await flush.AsTask().WaitAsync(writeTimeout, time).ConfigureAwait(false);
            _broken |= result.IsCompleted;
        }
        catch (TimeoutException)
        {
            _broken = true;
            _gaveUp = true;
            abort($"took nothing for {writeTimeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            _broken = true; // the peer has gone; the reading side sees it too and ends the session
        }
    }
}
