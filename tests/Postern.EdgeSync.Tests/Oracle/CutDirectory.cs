using System.Runtime.CompilerServices;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>The edge as one session sees it: gone from some batch on, done or not. Tells of every batch before and after.</summary>
internal sealed class CutDirectory(IDirectory inner, Fault fault, CancellationTokenSource cancel, Action<IReadOnlyList<IUpdateOperation>> before, Func<Task> after) : IDirectory, IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private int _calls;
    private readonly List<Task> _pending = [];
    private bool _gone;

    public async IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfGone();
        await foreach (LdapEntry entry in inner.SearchAsync(request, cancellationToken))
        {
            yield return entry;
        }
    }

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) =>
        CallAsync([request], () => inner.AddAsync(request, CancellationToken.None), cancellationToken);

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) =>
        CallAsync([request], () => inner.ModifyAsync(request, CancellationToken.None), cancellationToken);

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) =>
        CallAsync([request], () => inner.DeleteAsync(request, CancellationToken.None), cancellationToken);

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default)
    {
        ThrowIfGone();
        return inner.CompareAsync(request, cancellationToken);
    }

    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default)
    {
        // As they are now: the caller may reuse its list.
        IUpdateOperation[] copy = [.. operations];
        Task<BatchResult> call = CallAsync(copy, () => inner.BatchAsync(copy, CancellationToken.None), cancellationToken);
        _pending.Add(call);
        return call;
    }

    /// <summary>Ends the session: what did not arrive yet never will.</summary>
    public async ValueTask DisposeAsync()
    {
        _gone = true;
        foreach (Task call in _pending)
        {
            await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _turn.Dispose();
    }

    private async Task<T> CallAsync<T>(IReadOnlyList<IUpdateOperation> operations, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            ThrowIfGone();
            bool now = _calls++ == fault.At;
            if (now && fault.Kind == FaultKind.EdgeCutBefore)
            {
                _gone = true;
                ThrowIfGone();
            }

            if (now && fault.Kind == FaultKind.Cancel)
            {
                await cancel.CancelAsync();
            }

            cancellationToken.ThrowIfCancellationRequested();
            before(operations);
            T result = await call();
            await after();
            if (now && fault.Kind == FaultKind.EdgeCutAfter)
            {
                _gone = true;
                ThrowIfGone();
            }

            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void ThrowIfGone()
    {
        if (_gone)
        {
            throw new LdapConnectionException(LdapFailureKind.ConnectionLost, "the session is gone", "Look at the network.");
        }
    }
}
