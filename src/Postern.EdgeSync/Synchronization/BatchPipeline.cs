using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization;

/// <summary>The edge refused something that no later batch can mend.</summary>
internal sealed class TargetRefusedException(LdapResult result, string operation)
    : Exception(new LdapException(result, operation).Message)
{
    public LdapResult Result { get; } = result;
}

/// <summary>Counts of operations by kind.</summary>
internal struct OperationCounts
{
    public long Added;
    public long Updated;
    public long Deleted;

    public readonly long Total => Added + Updated + Deleted;
}

/// <summary>
/// Gathers operations into batches and keeps a window of them in flight. Each batch is all or nothing on the edge; an entry that the edge
/// refuses for itself is taken out and the rest of its batch sent again, so that one bad entry never stops the others.
/// </summary>
internal sealed class BatchPipeline(IDirectory target, BatchLimits limits, Action<string> noteRefusal)
{
    /// <summary>An organization whose entries the edge refuses one after the other has another problem: then the cycle ends. Entries.</summary>
    public const int MaxRefusals = 100;

    /// <summary>Octets of tags and lengths around an operation and its values: an estimate, only the batch size depends on it.</summary>
    private const int OperationOverhead = 24;

    private readonly Queue<(List<IUpdateOperation> Operations, Task<BatchResult> Answer)> _inFlight = new();
    private readonly Stack<List<IUpdateOperation>> _spare = new();
    private List<IUpdateOperation> _current = new(limits.MaxOperations);
    private int _currentBytes;
    private IUpdateOperation? _last;

    private OperationCounts _confirmed;

    /// <summary>Made durable by the edge.</summary>
    public ref readonly OperationCounts Confirmed => ref _confirmed;

    public long OperationsSent { get; private set; }

    public long BatchesSent { get; private set; }

    public long BytesSent { get; private set; }

    public int Refusals { get; private set; }

    /// <summary>In words; empty when nothing was refused.</summary>
    public string FirstRefusal { get; private set; } = "";

    public ValueTask AddAsync(IUpdateOperation operation, CancellationToken cancellationToken)
    {
        _current.Add(operation);
        _currentBytes += Measure(operation);
        return _current.Count >= limits.MaxOperations || _currentBytes >= limits.MaxBytes ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Waits until everything sent was confirmed, then sends what is left together with <paramref name="last"/> in one batch:
    /// the state must not become durable before what it speaks for.</summary>
    public async Task CompleteAsync(IUpdateOperation last, CancellationToken cancellationToken)
    {
        while (_inFlight.Count > 0)
        {
            await SettleOldestAsync(cancellationToken);
        }

        _last = last;
        _current.Add(last);
        _currentBytes += Measure(last);
        await DrainAsync(cancellationToken);
    }

    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        while (_inFlight.Count > 0)
        {
            await SettleOldestAsync(cancellationToken);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_current.Count == 0)
        {
            return;
        }

        while (_inFlight.Count >= limits.Window)
        {
            await SettleOldestAsync(cancellationToken);
        }

        List<IUpdateOperation> batch = _current;
        BytesSent += _currentBytes;
        _currentBytes = 0;
        _current = _spare.TryPop(out List<IUpdateOperation>? spare) ? spare : new List<IUpdateOperation>(limits.MaxOperations);
        Send(batch, cancellationToken);
    }

    private void Send(List<IUpdateOperation> batch, CancellationToken cancellationToken)
    {
        BatchesSent++;
        OperationsSent += batch.Count;
        _inFlight.Enqueue((batch, target.BatchAsync(batch, cancellationToken)));
    }

    private async Task SettleOldestAsync(CancellationToken cancellationToken)
    {
        (List<IUpdateOperation> operations, Task<BatchResult> answer) = _inFlight.Dequeue();
        BatchResult result = await answer;
        if (!result.Result.IsSuccess)
        {
            Refuse(operations, result);
            if (operations.Count > 0)
            {
                Send(operations, cancellationToken);
            }

            return;
        }

        foreach (IUpdateOperation operation in operations)
        {
            switch (operation)
            {
                // The state is no entry of anybody's: it does not count.
                case var state when state == _last:
                    break;
                case AddRequest:
                    _confirmed.Added++;
                    break;
                case DelRequest:
                    _confirmed.Deleted++;
                    break;
                default:
                    _confirmed.Updated++;
                    break;
            }
        }

        operations.Clear();
        _spare.Push(operations);
    }

    private void Refuse(List<IUpdateOperation> operations, BatchResult result)
    {
        if (result.FailedOperation < 0 || result.FailedOperation >= operations.Count)
        {
            throw new TargetRefusedException(result.Result, $"batch of {operations.Count} operations");
        }

        IUpdateOperation refused = operations[result.FailedOperation];
        string what = $"{Verb(refused)} {refused.Dn}";
        if (!IsAboutTheEntry(result.Result.Code) || refused == _last || ++Refusals > MaxRefusals)
        {
            throw new TargetRefusedException(result.Result, what);
        }

        string note = new LdapException(result.Result, what).Message;
        FirstRefusal = FirstRefusal.Length == 0 ? note : FirstRefusal;
        noteRefusal(note);
        operations.RemoveAt(result.FailedOperation);
    }

    /// <summary>Codes that speak of one entry; all others (rights, busy, disk full, ...) speak of the edge.</summary>
    private static bool IsAboutTheEntry(LdapResultCode code) => code is
        LdapResultCode.EntryAlreadyExists or LdapResultCode.NoSuchObject or LdapResultCode.ObjectClassViolation
        or LdapResultCode.ConstraintViolation or LdapResultCode.InvalidAttributeSyntax or LdapResultCode.InvalidDNSyntax
        or LdapResultCode.NamingViolation or LdapResultCode.UndefinedAttributeType or LdapResultCode.AttributeOrValueExists
        or LdapResultCode.NotAllowedOnNonLeaf or LdapResultCode.NotAllowedOnRdn or LdapResultCode.NoSuchAttribute;

    private static string Verb(IUpdateOperation operation) => operation switch
    {
        AddRequest => "add",
        DelRequest => "delete",
        _ => "modify",
    };

    private static int Measure(IUpdateOperation operation)
    {
        int bytes = OperationOverhead + operation.Dn.Length;
        switch (operation)
        {
            case AddRequest add:
                for (int i = 0; i < add.Attributes.Count; i++)
                {
                    bytes += Measure(add.Attributes[i]);
                }

                break;
            case ModifyRequest modify:
                for (int i = 0; i < modify.Changes.Count; i++)
                {
                    bytes += Measure(modify.Changes[i].Attribute);
                }

                break;
        }

        return bytes;
    }

    private static int Measure(LdapAttribute attribute)
    {
        int bytes = 6 + attribute.Description.Length;
        for (int i = 0; i < attribute.Values.Count; i++)
        {
            bytes += 2 + attribute.Values[i].Length;
        }

        return bytes;
    }
}

/// <param name="MaxOperations">Operations in a batch at most. Default 1000: each batch costs the edge a share of a commit and of the tops of its trees.</param>
/// <param name="MaxBytes">Octets in a batch, about. Default 256 KiB.</param>
/// <param name="Window">Batches in flight. Default 8.</param>
internal sealed record BatchLimits(int MaxOperations = 1000, int MaxBytes = 256 * 1024, int Window = 8);
