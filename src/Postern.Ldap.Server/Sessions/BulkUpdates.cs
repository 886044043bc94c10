namespace Postern.Ldap.Server.Sessions;

/// <summary>Between StartLBURP and EndLBURP (RFC 4373): the sequence, and how many batches wait for their answer.</summary>
/// <remarks>One connection delivers in order, so a number out of sequence is the peer's mistake; nothing is held back to reorder.</remarks>
internal sealed class BulkUpdates
{
    private readonly Lock _lock = new();
    private int _unanswered;
    private TaskCompletionSource? _idle;

    /// <summary>The number that the next LBURPUpdate or the EndLBURP must carry; the first is 1 (RFC 4373 section 5).</summary>
    public int Next { get; private set; } = 1;

    /// <summary>Null when <paramref name="sequenceNumber"/> is the next one, else the refusal.</summary>
    public LdapResult? Check(int sequenceNumber) => sequenceNumber == Next
        ? null
        : new LdapResult(LdapResultCode.OperationsError, $"sequence number {sequenceNumber} where {Next} belongs");

    public void Begin()
    {
        Next++;
        lock (_lock)
        {
            _unanswered++;
        }
    }

    public void Answered()
    {
        TaskCompletionSource? idle = null;
        lock (_lock)
        {
            if (--_unanswered == 0)
            {
                (idle, _idle) = (_idle, null);
            }
        }

        idle?.SetResult();
    }

    /// <summary>Ends when every batch has been answered.</summary>
    public Task WhenAnsweredAsync()
    {
        lock (_lock)
        {
            return _unanswered == 0
                ? Task.CompletedTask
                : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
