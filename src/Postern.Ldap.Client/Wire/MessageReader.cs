using System.Buffers;
using System.IO.Pipelines;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Client.Wire;

/// <summary>Cuts what a stream brings into messages, and stops reading while a search has more than its consumer takes.</summary>
/// <param name="dispatch">Gets each message and its size in octets.</param>
internal sealed class MessageReader(Stream stream, LdapClientOptions options, SilenceWatch silence, Action<LdapMessage, int> dispatch) : IAsyncDisposable
{
    /// <summary>Read buffer: several TLS records of 16 KiB at a time. Octets.</summary>
    private const int ReadBufferBytes = 64 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(
        stream, new StreamPipeReaderOptions(bufferSize: ReadBufferBytes, minimumReadSize: ReadBufferBytes / 4, leaveOpen: true));

    private readonly List<AnswerBuffer> _open = [];
    private readonly List<AnswerBuffer> _full = [];
    private int _octetsSinceHandOver;

    /// <summary>Reads until the stream ends or fails, which it tells by an exception.</summary>
    public async Task ReadAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Entries wait for each other as long as more octets are at hand: servers send them one TLS record each, and a
            // hand-over for each would cost more than everything else.
            ValueTask<ReadResult> reading = _reader.ReadAsync(cancellationToken);
            if (!reading.IsCompleted || _octetsSinceHandOver >= ReadBufferBytes)
            {
                HandOver();
            }

            ReadResult read = await reading.ConfigureAwait(false);
            silence.Heard();
            await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            TakeMessages(ref buffer);
            if (read.IsCompleted)
            {
                throw LdapFailures.Lost(options.Endpoint, buffer.IsEmpty ? "the server closed it" : $"the server closed it in the middle of a message ({buffer.Length} octets of it had come)");
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>This buffer got its first message since the last hand-over.</summary>
    public void Opened(AnswerBuffer buffer) => _open.Add(buffer);

    /// <summary>Gives the consumers what came for them so far.</summary>
    public void HandOver()
    {
        _octetsSinceHandOver = 0;
        foreach (AnswerBuffer buffer in _open)
        {
            buffer.HandOver();
            if (buffer.IsFull)
            {
                _full.Add(buffer);
            }
        }

        _open.Clear();
    }

    private async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        foreach (AnswerBuffer buffer in _full)
        {
            silence.Pause();
            await buffer.WhenRoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            silence.Resume();
        }

        _full.Clear();
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private void TakeMessages(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            switch (LdapCodec.TryFrame(buffer, options.Limits, out int length))
            {
                case LdapFrameStatus.Incomplete:
                    return;
                case LdapFrameStatus.Invalid:
                    throw new LdapProtocolException("octets that begin no LDAP message");
                case LdapFrameStatus.TooLarge:
                    throw LdapFailures.TooLarge(options.Endpoint, options.Limits.MaxMessageBytes);
            }

            // An array of its own for each message: an entry that is kept then keeps nothing but itself.
            byte[] message = buffer.Slice(0, length).ToArray();
            buffer = buffer.Slice(length);
            _octetsSinceHandOver += length;
            dispatch(LdapCodec.Decode(message, options.Limits), length);
        }
    }
}
