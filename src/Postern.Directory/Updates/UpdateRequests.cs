using Postern.Directory.Searching;
using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>Takes the updates of all principals: decodes and checks them on the caller's thread, then hands them to the writer.</summary>
internal sealed class UpdateRequests(SearchContext context, UpdatePreparation preparation, WriteQueue queue)
{
    public Task<BatchResult> BatchAsync(Principal principal, IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<BatchResult>(cancellationToken);
        }

        if (operations.Count == 0)
        {
            return Task.FromResult(new BatchResult(LdapResult.Success));
        }

        // All of this before the first await: batches take effect in the order of the calls.
        PreparedUpdate[] updates = new PreparedUpdate[operations.Count];
        for (int i = 0; i < updates.Length; i++)
        {
            try
            {
                updates[i] = preparation.Prepare(principal, operations[i], null);
            }
            catch (LdapException e)
            {
                return Task.FromResult(new BatchResult(e.Result, i));
            }
        }

        WriteUnit unit = new(updates, cancellationToken);
        return queue.TryAdd(unit) is { } refusal ? Task.FromResult(new BatchResult(refusal, 0)) : unit.Task;
    }

    public async Task<LdapAnswer> UpdateAsync(
        Principal principal, IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken)
    {
        (BatchResult result, IReadOnlyList<IReadOnlyList<LdapControl>> responses) =
            await WriteAsync(principal, [new ControlledUpdate(operation, controls)], cancellationToken).ConfigureAwait(false);
        return new LdapAnswer(result.Result, responses.Count == 0 ? [] : responses[0]);
    }

    /// <summary>RFC 5805 section 3.4: all in one commit, or none.</summary>
    public async Task<TransactionAnswer> TransactAsync(Principal principal, IReadOnlyList<ControlledUpdate> updates, CancellationToken cancellationToken)
    {
        if (updates.Count > context.Options.MaxTransactionUpdates)
        {
            return new TransactionAnswer(
                new LdapResult(
                    LdapResultCode.AdminLimitExceeded, $"a transaction of {updates.Count} updates, MaxTransactionUpdates is {context.Options.MaxTransactionUpdates}"),
                context.Options.MaxTransactionUpdates,
                []);
        }

        if (updates.Count == 0)
        {
            return new TransactionAnswer(LdapResult.Success, -1, []);
        }

        (BatchResult result, IReadOnlyList<IReadOnlyList<LdapControl>> responses) = await WriteAsync(principal, updates, cancellationToken).ConfigureAwait(false);
        return new TransactionAnswer(
            result.Result, result.FailedOperation, result.Result.IsSuccess && responses.Count == 0 ? [.. updates.Select(_ => (IReadOnlyList<LdapControl>)[])] : responses);
    }

    private async Task<(BatchResult Result, IReadOnlyList<IReadOnlyList<LdapControl>> Responses)> WriteAsync(
        Principal principal, IReadOnlyList<ControlledUpdate> updates, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        PreparedUpdate[] prepared = new PreparedUpdate[updates.Count];
        for (int i = 0; i < prepared.Length; i++)
        {
            try
            {
                (IUpdateOperation operation, IReadOnlyList<LdapControl> controls) = updates[i];
                prepared[i] = preparation.Prepare(principal, operation, UpdateControls.Decode(operation, controls, context, principal));
            }
            catch (LdapException e)
            {
                return (new BatchResult(e.Result, i), []);
            }
        }

        WriteUnit unit = new(prepared, cancellationToken);
        if (queue.TryAdd(unit) is { } refusal)
        {
            return (new BatchResult(refusal, 0), []);
        }

        BatchResult result = await unit.Task.ConfigureAwait(false);
        return (result, result.Result.IsSuccess ? unit.Responses ?? [] : []);
    }
}
