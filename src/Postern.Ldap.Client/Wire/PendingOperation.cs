namespace Postern.Ldap.Client.Wire;

/// <summary>A request that was sent and waits for its last message.</summary>
internal abstract class PendingOperation
{
    /// <summary>Set when the request is sent.</summary>
    public int MessageId { get; set; }

    /// <summary>The server owes an answer: silence is a failure. Guarded by the wire.</summary>
    public bool IsOwed { get; set; } = true;

    /// <summary>After this message the server owes nothing until it has something to say.</summary>
    public virtual bool RestsAfter(LdapMessage message) => false;

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
/// <param name="isAnswer">Tells the answer from what does not belong here.</param>
/// <param name="expected">Its name, for people.</param>
internal sealed class PendingAnswer(Func<LdapOperation, bool> isAnswer, string expected) : PendingOperation
{
    // Continuations must not run on the read loop: they would keep it from reading.
    private readonly TaskCompletionSource<LdapMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<LdapMessage> Answer => _answer.Task;

    public static PendingAnswer Of<TResponse>()
        where TResponse : LdapOperation =>
        new(static operation => operation is TResponse, typeof(TResponse).Name);

    public override bool IsEnd(LdapMessage message) => isAnswer(message.Operation);

    public override void Accept(LdapMessage message, int octets)
    {
        if (isAnswer(message.Operation))
        {
            _answer.TrySetResult(message);
        }
        else if (message.Operation is not IntermediateResponse)
        {
            throw new LdapProtocolException($"message {message.MessageId}: {message.Operation.GetType().Name} where {expected} belongs");
        }
    }

    public override void Fail(LdapConnectionException failure) => _answer.TrySetException(failure.Again());

    public bool TryCancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
