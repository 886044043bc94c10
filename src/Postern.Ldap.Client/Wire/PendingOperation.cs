namespace Postern.Ldap.Client.Wire;

/// <summary>A request that was sent and waits for its last message.</summary>
internal abstract class PendingOperation
{
    /// <summary>Set when the request is sent.</summary>
    public int MessageId { get; set; }

    /// <summary>Whether the message is the last one of this operation.</summary>
    public abstract bool IsEnd(LdapMessage message);

    /// <summary>Takes a message; called by the read loop only. When it is the last one, the operation is no longer pending by then: whoever
    /// waits for it may find the connection idle.</summary>
    /// <param name="octets">Size of the message as received.</param>
    /// <exception cref="LdapProtocolException">The message is no answer to this request.</exception>
    public abstract void Accept(LdapMessage message, int octets);

    /// <summary>The connection is gone.</summary>
    public abstract void Fail(LdapConnectionException failure);
}

/// <summary>An operation with exactly one answer.</summary>
internal sealed class PendingAnswer<TResponse> : PendingOperation
    where TResponse : LdapOperation
{
    // Continuations must not run on the read loop: they would keep it from reading.
    private readonly TaskCompletionSource<TResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResponse> Answer => _answer.Task;

    public override bool IsEnd(LdapMessage message) => message.Operation is TResponse;

    public override void Accept(LdapMessage message, int octets)
    {
        switch (message.Operation)
        {
            case TResponse response:
                _answer.TrySetResult(response);
                break;
            case IntermediateResponse:
                break;
            default:
                throw new LdapProtocolException($"message {message.MessageId}: {message.Operation.GetType().Name} where {typeof(TResponse).Name} belongs");
        }
    }

    public override void Fail(LdapConnectionException failure) => _answer.TrySetException(failure.Again());

    public bool TryCancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
