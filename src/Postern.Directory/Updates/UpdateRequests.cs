using Postern.Directory.Searching;
using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>Takes the updates of all principals: decodes and checks them on the caller's thread, then hands them to the writer.</summary>
internal sealed class UpdateRequests(SearchContext context, UpdatePreparation preparation, WriteQueue queue)
{
    // Not the one of logins, nor of password changes: each has its own queue.
    private readonly SlowHashing _hashing = new(context.Options.MaxPasswordsWaiting);

    /// <remarks>Batches take effect in the order of the calls, except those that bring a password in clear.</remarks>
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

        if (operations.Any(BringsClearPassword))
        {
            return HashAndWriteAsync(principal, operations, cancellationToken);
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

    private async Task<BatchResult> HashAndWriteAsync(Principal principal, IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            return (await WriteAsync(principal, [.. operations.Select(o => new ControlledUpdate(o, []))], cancellationToken).ConfigureAwait(false)).Result;
        }
        catch (LdapException busy)
        {
            return new BatchResult(busy.Result, 0);
        }
    }

    /// <summary>Hashing it takes long, and the calling thread may be the one that serves every connection.</summary>
    private bool BringsClearPassword(IUpdateOperation operation) => operation switch
    {
        AddRequest add => add.Attributes.Any(IsClearPassword),
        ModifyRequest modify => modify.Changes.Any(c => c.Type is ModificationType.Add or ModificationType.Replace && IsClearPassword(c.Attribute)),
        _ => false,
    };

    private bool IsClearPassword(LdapAttribute attribute)
    {
        string type = attribute.TypeName();
        bool secret = SchemaWords.IsSecret(type)
            || (type.Length > 0 && char.IsAsciiDigit(type[0]) && context.Schema.FindAttribute(type) is { } known && SchemaWords.IsSecret(known.Name));
        return secret && attribute.Values.Any(v => !PasswordHash.IsStoredForm(v.Span));
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
        (PreparedUpdate[] prepared, BatchResult? refused) = updates.Any(u => BringsClearPassword(u.Operation))
            ? await _hashing.RunAsync(() => Prepare(principal, updates), cancellationToken).ConfigureAwait(false)
            : Prepare(principal, updates);
        if (refused is not null)
        {
            return (refused, []);
        }

        WriteUnit unit = new(prepared, cancellationToken);
        if (queue.TryAdd(unit) is { } refusal)
        {
            return (new BatchResult(refusal, 0), []);
        }

        BatchResult result = await unit.Task.ConfigureAwait(false);
        return (result, result.Result.IsSuccess ? unit.Responses ?? [] : []);
    }

    private (PreparedUpdate[] Prepared, BatchResult? Refused) Prepare(Principal principal, IReadOnlyList<ControlledUpdate> updates)
    {
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
                return ([], new BatchResult(e.Result, i));
            }
        }

        return (prepared, null);
    }
}
