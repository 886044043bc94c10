using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>The edge refused something that no later batch can mend.</summary>
internal class TargetRefusedException(LdapResult result, string operation)
    : Exception(new LdapException(result, operation).Message)
{
    public LdapResult Result { get; } = result;
}

/// <summary>The edge's state is not what this hub read or left there: another hub wrote it, or it came from a backup.</summary>
internal sealed class StateChangedException(LdapResult result, string operation) : Exception(new LdapException(result, operation).Message);

/// <summary>Counts of operations by kind.</summary>
internal struct OperationCounts
{
    public long Added;
    public long Updated;
    public long Deleted;

    public readonly long Total => Added + Updated + Deleted;

    public void Count(IUpdateOperation operation)
    {
        switch (operation)
        {
            // The state and what is held are no entries of anybody's: they do not count.
            case var own when own.Dn.EndsWith(EdgeLayout.Synchronization, StringComparison.Ordinal):
                break;
            case AddRequest:
                Added++;
                break;
            case DelRequest:
                Deleted++;
                break;
            default:
                Updated++;
                break;
        }
    }
}

/// <summary>
/// Gathers operations into batches and keeps a window of them in flight. Each batch is all or nothing on the edge; an entry that the edge
/// refuses for itself is taken out and the rest of its batch sent again, so that one bad entry never stops the others.
/// </summary>
internal sealed class BatchPipeline(IDirectory target, BatchLimits limits) : IOperationSink
{
    /// <summary>An organization whose entries the edge refuses one after the other has another problem: then the cycle ends. Entries.</summary>
    public const int MaxRefusals = 100;

    /// <summary>Octets of tags and lengths around an operation and its values: an estimate, only the batch size depends on it.</summary>
    private const int OperationOverhead = 24;

    /// <summary>Octets of an operation with more addresses than most have.</summary>
    private const int LargeOperation = 1024;

    private readonly Queue<(List<IUpdateOperation> Operations, Task<BatchResult> Answer)> _inFlight = new();
    private readonly Stack<List<IUpdateOperation>> _spare = new();
    private List<IUpdateOperation> _current = new(limits.MaxOperations);
    private int _currentBytes;
    private readonly List<(IUpdateOperation Operation, string Reason)> _refused = [];
    private Func<IUpdateOperation>? _makeLast;
    private IUpdateOperation? _last;

    private OperationCounts _confirmed;

    /// <summary>Made durable by the edge.</summary>
    public ref readonly OperationCounts Confirmed => ref _confirmed;

    /// <summary>Called before a batch leaves.</summary>
    public Action BeforeSend { get; init; } = () => { };

    public long OperationsSent { get; private set; }

    public long BatchesSent { get; private set; }

    public long BytesSent { get; private set; }

    public IReadOnlyList<(IUpdateOperation Operation, string Reason)> Refused => _refused;

    public ValueTask AddAsync(IUpdateOperation operation, CancellationToken cancellationToken)
    {
        _current.Add(operation);
        _currentBytes += Measure(operation);
        return _current.Count >= limits.MaxOperations || _currentBytes >= limits.MaxBytes ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public bool FitsOneBatch(int operations) =>
        _current.Count + operations < limits.MaxOperations && _currentBytes + (operations * LargeOperation) < limits.MaxBytes;

    public async Task CompleteAsync(Func<IUpdateOperation> last, CancellationToken cancellationToken)
    {
        while (_inFlight.Count > 0)
        {
            await SettleOldestAsync(cancellationToken);
        }

        _makeLast = last;
        _last = last();
        _current.Add(_last);
        _currentBytes += Measure(_last);
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
        BeforeSend();
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
            _confirmed.Count(operation);
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
        if (refused == _last && IsAboutTheEntry(result.Result.Code))
        {
            throw new StateChangedException(result.Result, what);
        }

        operations.RemoveAt(result.FailedOperation);
        if (refused is DelRequest && result.Result.Code == LdapResultCode.NoSuchObject)
        {
            // It is as it should be.
            return;
        }

        if (!IsAboutTheEntry(result.Result.Code) || refused == _last || _refused.Count >= MaxRefusals)
        {
            throw new TargetRefusedException(result.Result, what);
        }

        _refused.Add((refused, new LdapException(result.Result, what).Message));
        if (_last is not null && operations[^1] == _last)
        {
            operations[^1] = _last = _makeLast!();
        }
    }

    /// <summary>Codes that speak of one entry; all others (rights, busy, disk full, ...) speak of the edge.</summary>
    public static bool IsAboutTheEntry(LdapResultCode code) => code is
        LdapResultCode.EntryAlreadyExists or LdapResultCode.NoSuchObject or LdapResultCode.ObjectClassViolation
        or LdapResultCode.ConstraintViolation or LdapResultCode.InvalidAttributeSyntax or LdapResultCode.InvalidDNSyntax
        or LdapResultCode.NamingViolation or LdapResultCode.UndefinedAttributeType or LdapResultCode.AttributeOrValueExists
        or LdapResultCode.NotAllowedOnNonLeaf or LdapResultCode.NotAllowedOnRdn or LdapResultCode.NoSuchAttribute;

    public static string Verb(IUpdateOperation operation) => operation switch
    {
        AddRequest => "add",
        DelRequest => "delete",
        _ => "modify",
    };

    public static int Measure(IUpdateOperation operation)
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
