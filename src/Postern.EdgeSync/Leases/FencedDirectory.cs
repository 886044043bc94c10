using Postern.EdgeSync.Synchronization;
using Postern.Ldap;

namespace Postern.EdgeSync.Leases;

/// <summary>
/// An edge as the holder of its lease sees it: every update begins, in its own transaction, with an operation that fails unless the fence
/// is still the one that this hub was given. So nothing that a hub writes after another has taken over takes effect, however late it comes.
/// </summary>
public sealed class FencedDirectory : IDirectory, ISyncFence
{
    private readonly IDirectory _inner;
    private readonly EdgeLease _lease;
    private readonly long _fence;

    internal FencedDirectory(IDirectory inner, EdgeLease lease, long fence) => (_inner, _lease, _fence) = (inner, lease, fence);

    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        _inner.SearchAsync(request, cancellationToken);

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) =>
        _inner.CompareAsync(request, cancellationToken);

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) => OneAsync(request, cancellationToken);

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => OneAsync(request, cancellationToken);

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) => OneAsync(request, cancellationToken);

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => OneAsync(request, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Indexes in the result are those of the caller's operations.</remarks>
    /// <exception cref="LeaseLostException">Nothing was applied.</exception>
    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default)
    {
        if (operations.Count == 0)
        {
            return Task.FromResult(new BatchResult(LdapResult.Success));
        }

        return SendAsync(operations, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>For those who send updates past this directory, in a transaction of their own.</remarks>
    public IUpdateOperation Check() => EdgeLease.ToCheck(_fence);

    /// <summary>Renews the lock, in the order of the batches that are under way.</summary>
    /// <exception cref="LeaseLostException">It is another hub's.</exception>
    internal async Task RenewAsync(CancellationToken cancellationToken) =>
        (await SendAsync([], cancellationToken)).Result.ThrowIfFailed("renew the lease");

    private async Task<LdapResult> OneAsync(IUpdateOperation operation, CancellationToken cancellationToken) =>
        (await SendAsync([operation], cancellationToken)).Result;

    private async Task<BatchResult> SendAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        // No await before the batch is handed on: batches take effect in the order of the calls.
        FenceOperation fence = _lease.NextFenceOperation(_fence, always: operations.Count == 0);
        IUpdateOperation[] fenced = new IUpdateOperation[operations.Count + 1];
        fenced[0] = fence.Operation;
        for (int i = 0; i < operations.Count; i++)
        {
            fenced[i + 1] = operations[i];
        }

        BatchResult answer;
        try
        {
            answer = await _inner.BatchAsync(fenced, cancellationToken);
        }
        catch
        {
            _lease.NotApplied(fence); // or it was: then the next renewal says the same once more
            throw;
        }

        if (answer.Result.IsSuccess)
        {
            _lease.Confirmed(fence);
            return answer;
        }

        _lease.NotApplied(fence);
        if (answer.FailedOperation > 0)
        {
            return answer with { FailedOperation = answer.FailedOperation - 1 };
        }

        return answer.FailedOperation == 0 && answer.Result.Code is LdapResultCode.NoSuchAttribute or LdapResultCode.NoSuchObject
            ? throw _lease.Lost(_fence)
            : answer with { FailedOperation = -1 };
    }
}

/// <summary>The first operation of a batch.</summary>
/// <param name="Renewal">The lease that it writes with it; null when the lock is not due for renewal.</param>
internal sealed record FenceOperation(ModifyRequest Operation, LeaseDocument? Renewal);
