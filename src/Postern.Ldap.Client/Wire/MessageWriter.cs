using System.Buffers;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Client.Wire;

/// <summary>Sends whole messages in the order of the calls. The first caller writes at once; those who come while it writes leave
/// their messages behind and are sent together with the next write.</summary>
internal sealed class MessageWriter(Stream stream, Action<Exception> broken)
{
    /// <summary>A buffer that one large batch has grown beyond this is let go afterwards. Octets.</summary>
    private const int KeepBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte> _filling = new(64 * 1024);
    private ArrayBufferWriter<byte> _sending = new(64 * 1024);
    private Task? _sender;

    /// <summary>Ends when nothing is left to send, or sending has failed.</summary>
    public Task Drained
    {
        get
        {
            lock (_gate)
            {
                return _sender ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>Appends the message behind those of earlier calls. Nothing is appended when it cannot be encoded.</summary>
    public void Append(LdapMessage message)
    {
        lock (_gate)
        {
            LdapCodec.Encode(message, _filling);
        }
    }

    /// <summary>Sees to it that what was appended is sent; returns when the stream makes us wait.</summary>
    public void Send()
    {
        TaskCompletionSource finished;
        lock (_gate)
        {
            if (_sender is not null || _filling.WrittenCount == 0)
            {
                return;
            }

            finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _sender = finished.Task;
        }

        _ = SendAllAsync(finished);
    }

    private async Task SendAllAsync(TaskCompletionSource finished)
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_filling.WrittenCount == 0)
                    {
                        _sender = null;
                        break;
                    }

                    (_filling, _sending) = (_sending, _filling);
                }

                await stream.WriteAsync(_sending.WrittenMemory).ConfigureAwait(false);
                if (_sending.Capacity > KeepBytes)
                {
                    _sending = new ArrayBufferWriter<byte>(64 * 1024);
                }
                else
                {
                    _sending.Clear(); // not only reset: a password may have been in it
                }
            }
        }
        catch (Exception e)
        {
            // _sender stays set: nothing more is sent on this stream.
            broken(e);
        }
        finally
        {
            finished.SetResult();
        }
    }
}
