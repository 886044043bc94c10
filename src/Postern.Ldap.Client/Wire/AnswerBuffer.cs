using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Postern.Ldap.Client.Wire;

/// <summary>The answers to a search on their way from the read loop to its consumer. They change hands in batches:
/// a hand-over wakes a thread, and that costs more than decoding an entry.</summary>
/// <param name="limit">Received octets held before the read loop has to wait.</param>
internal sealed class AnswerBuffer(int limit)
{
    private readonly Channel<Batch> _batches = Channel.CreateUnbounded<Batch>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private List<LdapMessage>? _open;
    private long _openOctets;
    private long _held;
    private bool _discarded;
    private TaskCompletionSource? _room;

    internal readonly record struct Batch(List<LdapMessage> Messages, long Octets);

    /// <summary>Octets received and not yet consumed.</summary>
    public long Held => Interlocked.Read(ref _held);

    public bool IsFull => Held > limit;

    /// <summary>There is enough room to ask for more, and a reader that waits may go on. Half the limit: not to stop and go at every entry.</summary>
    public bool HasRoom => Held <= limit / 2;

    /// <summary>Read loop: adds to the open batch. True when this opened it, so that it must be handed over later.</summary>
    public bool Add(LdapMessage message, int octets)
    {
        bool opened = _open is null;
        (_open ??= []).Add(message);
        _openOctets += octets;
        return opened;
    }

    /// <summary>Read loop: hands the open batch to the consumer.</summary>
    public void HandOver()
    {
        if (_open is not { } messages)
        {
            return;
        }

        Interlocked.Add(ref _held, _openOctets);
        _batches.Writer.TryWrite(new Batch(messages, _openOctets));
        _open = null;
        _openOctets = 0;
    }

    /// <summary>No more messages follow those handed over; the consumer then gets <paramref name="error"/>, if any.</summary>
    public void Complete(Exception? error) => _batches.Writer.TryComplete(error);

    /// <summary>Read loop: ends when the consumer has made room or gone away.</summary>
    public Task WhenRoomAsync()
    {
        lock (_gate)
        {
            if (_discarded || HasRoom)
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Consumer: false at the end.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _batches.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake([MaybeNullWhen(false)] out Batch batch) => _batches.Reader.TryRead(out batch);

    /// <summary>Consumer: a batch is done with.</summary>
    public void Consumed(long octets)
    {
        Interlocked.Add(ref _held, -octets);
        if (HasRoom)
        {
            ReleaseReader();
        }
    }

    /// <summary>Consumer: it takes no more.</summary>
    public void Discard()
    {
        _batches.Writer.TryComplete();
        lock (_gate)
        {
            _discarded = true;
        }

        ReleaseReader();
    }

    private void ReleaseReader()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _room;
            _room = null;
        }

        waiting?.TrySetResult();
    }
}
