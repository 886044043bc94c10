namespace Postern.Ldap.Server.Operations;

/// <summary>The unanswered operations of one session, with the two limits on them.</summary>
internal sealed class OperationsInFlight(int maxOperations, int maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, OperationInFlight> _byId = [];
    private int _unanswered;
    private long _bytes;
    private TaskCompletionSource? _empty;
    private TaskCompletionSource? _room;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _unanswered;
            }
        }
    }

    /// <summary>True when <paramref name="messageId"/> belongs to an operation without an answer: no second may use it (RFC 4511 section 4.1.1.1).</summary>
    public bool IsInUse(int messageId)
    {
        lock (_lock)
        {
            return _byId.ContainsKey(messageId);
        }
    }

    /// <returns>False when the connection has as many operations in flight as it may.</returns>
    public bool TryAdd(OperationInFlight operation)
    {
        lock (_lock)
        {
            if (_unanswered >= maxOperations)
            {
                return false;
            }

            _byId.Add(operation.MessageId, operation);
            _unanswered++;
            _bytes += operation.Bytes;
            return true;
        }
    }

    public OperationInFlight? Find(int messageId)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(messageId);
        }
    }

    /// <summary>Frees the message id. Comes before the answer is sent: the peer may use the id again as soon as it has read it.</summary>
    public void Retire(OperationInFlight operation)
    {
        lock (_lock)
        {
            _byId.Remove(operation.MessageId);
        }
    }

    /// <summary>Frees the operation's place. Comes after the answer was sent, so answers that nobody reads hold up new work.</summary>
    public void Release(OperationInFlight operation)
    {
        TaskCompletionSource? empty = null;
        TaskCompletionSource? room = null;
        lock (_lock)
        {
            _unanswered--;
            _bytes -= operation.Bytes;
            if (_unanswered == 0)
            {
                (empty, _empty) = (_empty, null);
            }

            if (_bytes < maxBytes)
            {
                (room, _room) = (_room, null);
            }
        }

        operation.Dispose();
        empty?.SetResult();
        room?.SetResult();
    }

    /// <summary>Ends when every operation has been answered.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
        {
            return _unanswered == 0 ? Task.CompletedTask : (_empty ??= NewSource()).Task;
        }
    }

    /// <summary>Ends when the requests in flight take less than the limit of octets.</summary>
    public Task WhenRoomAsync()
    {
        lock (_lock)
        {
            return _bytes < maxBytes ? Task.CompletedTask : (_room ??= NewSource()).Task;
        }
    }

    /// <summary>Silences and stops what only reads. Updates go on: their outcome would else be anybody's guess.</summary>
    public void AbandonReaders()
    {
        foreach (OperationInFlight operation in Those(o => o.CanStop))
        {
            operation.Abandon();
        }
    }

    /// <summary>Ends what would else never end.</summary>
    public void StopEndless()
    {
        foreach (OperationInFlight operation in Those(o => o.IsEndless))
        {
            operation.StopWith(LdapResultCode.Unavailable);
        }
    }

    private OperationInFlight[] Those(Func<OperationInFlight, bool> which)
    {
        lock (_lock)
        {
            return [.. _byId.Values.Where(which)];
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
