using Postern.Ldap.Client.Wire;

namespace Postern.Ldap.Client;

/// <summary>Transactions, RFC 5805: one after the other, since servers hold one at a time in a session.</summary>
/// <remarks>Three exchanges: the identifier, all updates at once, the end. The end waits for the answers to the updates: a server may
/// have refused one of them and still commit the rest.</remarks>
internal sealed class TransactionSession(LdapWire wire) : IDisposable
{
    /// <summary>How long an end that clears up after a failure is waited for.</summary>
    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task<TransactionAnswer> RunAsync(IReadOnlyList<ControlledUpdate> updates, bool commit, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Not cancelled: a transaction whose identifier nobody waits for could not be ended, and would keep the next one out.
            ExtendedResponse started = await AskAsync(new ExtendedRequest(LdapOids.StartTransaction), CancellationToken.None).ConfigureAwait(false);
            if (!started.Result.IsSuccess)
            {
                return Refused(started.Result, -1);
            }

            if (started.Value is not { } id)
            {
                throw LdapFailures.Protocol(wire.Options.Endpoint, "a transaction was started and has no identifier (RFC 5805 section 3.1)");
            }

            try
            {
                return await FillAndEndAsync(id, updates, commit, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await AbortAsync(id).ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<TransactionAnswer> FillAndEndAsync(
        ReadOnlyMemory<byte> id, IReadOnlyList<ControlledUpdate> updates, bool commit, CancellationToken cancellationToken)
    {
        LdapControl membership = TransactionCodec.CreateSpecification(id);
        Dictionary<int, int> indexes = new(updates.Count);
        List<Task<LdapMessage>> answers = new(updates.Count);
        foreach (ControlledUpdate update in updates)
        {
            PendingAnswer pending = Updates.Pending(update.Operation);
            answers.Add(wire.AskAsync((LdapOperation)update.Operation, [.. update.Controls, membership], pending, OnCancel.Abandon, cancellationToken));
            indexes[pending.MessageId] = answers.Count - 1;
        }

        LdapMessage[] held = await Task.WhenAll(answers).ConfigureAwait(false);
        for (int i = 0; i < held.Length; i++)
        {
            if (Updates.Result(held[i]) is { IsSuccess: false } refusal)
            {
                await AbortAsync(id).ConfigureAwait(false);
                return Refused(refusal, i);
            }
        }

        ExtendedResponse ended = await EndAsync(id, commit, cancellationToken).ConfigureAwait(false);
        TransactionOutcome outcome = Decode(ended);
        if (!ended.Result.IsSuccess)
        {
            return Refused(ended.Result, outcome.FailedMessageId is { } failed && indexes.TryGetValue(failed, out int index) ? index : -1);
        }

        IReadOnlyList<LdapControl>[] controls = new IReadOnlyList<LdapControl>[updates.Count];
        Array.Fill(controls, []);
        foreach ((int messageId, IReadOnlyList<LdapControl> own) in outcome.Controls)
        {
            if (indexes.TryGetValue(messageId, out int index))
            {
                controls[index] = own;
            }
        }

        return new TransactionAnswer(ended.Result, -1, controls);
    }

    private TransactionOutcome Decode(ExtendedResponse ended)
    {
        try
        {
            return TransactionCodec.DecodeEndResponse(ended.Value, wire.Options.Limits);
        }
        catch (LdapProtocolException e)
        {
            throw LdapFailures.Protocol(wire.Options.Endpoint, e.Message, e);
        }
    }

    /// <summary>The session must not be left with an open transaction: the next one would be refused.</summary>
    private async Task AbortAsync(ReadOnlyMemory<byte> id)
    {
        try
        {
            await EndAsync(id, commit: false, CancellationToken.None).WaitAsync(AbortTime, wire.Options.Time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LdapConnectionException or TimeoutException)
        {
            // It ends with the connection as well.
        }
    }

    private Task<ExtendedResponse> EndAsync(ReadOnlyMemory<byte> id, bool commit, CancellationToken cancellationToken) =>
        AskAsync(new ExtendedRequest(LdapOids.EndTransaction, TransactionCodec.EncodeEnd(new TransactionEnd(commit, id))), cancellationToken);

    private Task<ExtendedResponse> AskAsync(ExtendedRequest request, CancellationToken cancellationToken) =>
        wire.AskAsync<ExtendedResponse>(request, OnCancel.Abandon, cancellationToken);

    private static TransactionAnswer Refused(LdapResult result, int update) => new(result, update, []);
}
