using System.Security.Cryptography;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Planning;

/// <summary>
/// Writes the operations of a cycle into a plan and has the edge check them: each batch as a transaction (RFC 5805) that ends with a false
/// assertion (RFC 4528), so that everything is tried and nothing stays. What the edge would refuse is left out, as a cycle leaves it out.
/// </summary>
/// <param name="stream">Takes the batches.</param>
/// <param name="transact">A transaction on the edge.</param>
/// <param name="never">Ends each transaction: an update that would change nothing.</param>
internal sealed class PlanSink(
    Stream stream, Func<IReadOnlyList<ControlledUpdate>, CancellationToken, Task<TransactionAnswer>> transact, IUpdateOperation never, BatchLimits limits) : IPlanSink
{
    private static readonly IReadOnlyList<LdapControl> Never = [AssertionControl.Create(new NotFilter(Filter.Anything))];

    private readonly List<(IUpdateOperation Operation, string Reason)> _refused = [];
    private List<IUpdateOperation> _current = [];
    private int _currentBytes;
    private OperationCounts _counts;

    public OperationCounts Counts => _counts;

    public int Batches { get; private set; }

    /// <summary>The cycle has ended with a state: the plan can be applied.</summary>
    public bool IsComplete { get; private set; }

    public IReadOnlyList<(IUpdateOperation Operation, string Reason)> Refused => _refused;

    public bool FitsOneBatch(int operations) => _current.Count + operations < limits.MaxOperations;

    public async ValueTask AddAsync(IUpdateOperation operation, CancellationToken cancellationToken)
    {
        _current.Add(operation);
        _currentBytes += BatchPipeline.Measure(operation);
        if (_current.Count >= limits.MaxOperations || _currentBytes >= limits.MaxBytes)
        {
            await DrainAsync(cancellationToken);
        }
    }

    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (_current.Count == 0)
        {
            return;
        }

        await ValidateAsync(null, cancellationToken);
        await WriteAsync(cancellationToken);
    }

    public async Task CompleteAsync(Func<IUpdateOperation> last, CancellationToken cancellationToken)
    {
        _current.Add(last());
        await ValidateAsync(last, cancellationToken);
        await WriteAsync(cancellationToken);
        IsComplete = true;
    }

    /// <param name="state">Makes the last operation anew once something before it was refused.</param>
    private async Task ValidateAsync(Func<IUpdateOperation>? state, CancellationToken cancellationToken)
    {
        while (true)
        {
            ControlledUpdate[] updates = [.. _current.Select(operation => new ControlledUpdate(operation, [])), new ControlledUpdate(never, Never)];
            TransactionAnswer answer = await transact(updates, cancellationToken);
            if (answer.Result.Code == LdapResultCode.AssertionFailed && (answer.FailedUpdate < 0 || answer.FailedUpdate == _current.Count))
            {
                return;
            }

            if (answer.FailedUpdate < 0 || answer.FailedUpdate >= _current.Count)
            {
                throw new TargetRefusedException(answer.Result, $"transaction of {updates.Length} operations");
            }

            Refuse(answer, state);
        }
    }

    private void Refuse(TransactionAnswer answer, Func<IUpdateOperation>? state)
    {
        IUpdateOperation refused = _current[answer.FailedUpdate];
        string what = $"{BatchPipeline.Verb(refused)} {refused.Dn}";
        bool isState = state is not null && answer.FailedUpdate == _current.Count - 1;
        if (isState || !BatchPipeline.IsAboutTheEntry(answer.Result.Code) || _refused.Count >= BatchPipeline.MaxRefusals)
        {
            throw new TargetRefusedException(answer.Result, what);
        }

        _current.RemoveAt(answer.FailedUpdate);
        if (refused is not DelRequest || answer.Result.Code != LdapResultCode.NoSuchObject)
        {
            _refused.Add((refused, new LdapException(answer.Result, what).Message));
        }

        if (state is not null)
        {
            _current[^1] = state();
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await PlanStore.WriteAsync(stream, _current, cancellationToken);
        Batches++;
        foreach (IUpdateOperation operation in _current)
        {
            _counts.Count(operation);
        }

        _current = [];
        _currentBytes = 0;
    }

    /// <summary>Of the file of operations.</summary>
    public async Task<string> DigestAsync(CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken);
        stream.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
