using Postern.Ldap.Server.Sessions;

namespace Postern.Ldap.Server.Operations;

// RFC 3909 (complete): searches and compares; an update that was handed over cannot be taken back

/// <summary>A request that has been started and not answered yet.</summary>
internal sealed class OperationInFlight : IDisposable
{
    private readonly CancellationTokenSource? _stop;
    private readonly Lock _lock = new();
    private TaskCompletionSource<bool>? _cancelAnswer;
    private LdapResultCode? _stoppedWith;
    private bool _silent;

    /// <param name="bytes">The request's length in octets.</param>
    /// <param name="connectionAborted">Cancelled when the connection is lost or the server gives up on it.</param>
    public OperationInFlight(int messageId, RequestKind kind, int bytes, CancellationToken connectionAborted)
    {
        MessageId = messageId;
        Kind = kind;
        Bytes = bytes;

        // Only what reads can be stopped on its own: an update, once handed over, is the directory's to finish.
        if (kind is RequestKind.Search or RequestKind.Compare)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(connectionAborted);
            Token = _stop.Token;
        }
        else
        {
            Token = connectionAborted;
        }
    }

    public int MessageId { get; }

    public RequestKind Kind { get; }

    public int Bytes { get; }

    public CancellationToken Token { get; }

    /// <summary>Goes on until somebody ends it (RFC 4533 section 3.4): a server that stops need not wait for it.</summary>
    public bool IsEndless { get; init; }

    public bool CanStop => _stop is not null;

    /// <summary>Abandoned: nothing more may be sent about it, RFC 4511 section 4.11.</summary>
    public bool IsSilent
    {
        get
        {
            lock (_lock)
            {
                return _silent;
            }
        }
    }

    /// <summary>Why it was stopped: <see cref="LdapResultCode.Canceled"/>, <see cref="LdapResultCode.TimeLimitExceeded"/>, or null.</summary>
    public LdapResultCode? StoppedWith
    {
        get
        {
            lock (_lock)
            {
                return _stoppedWith;
            }
        }
    }

    public void Abandon()
    {
        lock (_lock)
        {
            _silent = true;
        }

        Stop();
    }

    /// <summary>Stops it; it then ends with <paramref name="code"/>.</summary>
    public void StopWith(LdapResultCode code)
    {
        lock (_lock)
        {
            _stoppedWith ??= code;
        }

        Stop();
    }

    /// <returns>Ends with the operation: true when it ended as cancelled, false when it was faster (RFC 3909 section 2.2).</returns>
    public Task<bool> CancelAsync()
    {
        TaskCompletionSource<bool> answer;
        lock (_lock)
        {
            answer = _cancelAnswer ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        StopWith(LdapResultCode.Canceled);
        return answer.Task;
    }

    public void Ended(LdapResultCode code)
    {
        lock (_lock)
        {
            _cancelAnswer?.TrySetResult(code == LdapResultCode.Canceled);
        }
    }

    public void Dispose() => _stop?.Dispose();

    private void Stop()
    {
        try
        {
            _stop?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in the same moment.
        }
    }
}
