using Postern.Ldap.Client.Wire;

namespace Postern.Ldap.Client;

/// <summary>Batches by LBURP, RFC 4373 with the incremental style: started by the first batch, updates numbered from 1 in the order
/// of the calls. Not waited for in between: the server keeps the order, many batches can be under way.</summary>
internal sealed class LburpSession(LdapWire wire)
{
    private readonly Lock _gate = new();
    private Task<ExtendedResponse>? _start;
    private int _lastNumber;

    public async Task<BatchResult> UpdateAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (operations.Count == 0)
        {
            return new BatchResult(LdapResult.Success);
        }

        Task<ExtendedResponse> start;
        Task<ExtendedResponse> update;
        lock (_gate)
        {
            // The first update follows its StartLBURP at once; a server that refuses the one refuses the other.
            _start ??= Ask(LdapOids.StartLburpRequest, Lburp.EncodeStart(LdapOids.LburpIncrementalStyle));
            start = _start;
            if (start.IsCompletedSuccessfully && Refusal(start.Result, operations.Count) is { } known)
            {
                return known;
            }

            update = Ask(LdapOids.LburpUpdateRequest, Lburp.EncodeUpdate(_lastNumber + 1, operations));
            _lastNumber++;
        }

        ExtendedResponse started = await start.WaitAsync(cancellationToken).ConfigureAwait(false);
        ExtendedResponse answer = await update.WaitAsync(cancellationToken).ConfigureAwait(false);
        return started.Result.IsSuccess ? Outcome(answer, operations.Count) : Refusal(started, operations.Count)!;
    }

    /// <summary>Ends the session in the server, when there is one: before a new bind and before the unbind.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        Task<ExtendedResponse> end;
        lock (_gate)
        {
            if (_start is null)
            {
                return;
            }

            bool refused = _start.IsCompletedSuccessfully && !_start.Result.Result.IsSuccess;
            _start = null;
            int number = _lastNumber + 1;
            _lastNumber = 0;
            if (refused)
            {
                return;
            }

            end = Ask(LdapOids.EndLburpRequest, Lburp.EncodeEnd(number));
        }

        // Every update has had its own answer; that the end was heard changes nothing.
        await end.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<ExtendedResponse> Ask(string oid, byte[] value) =>
        // Never cancelled or abandoned, only no longer waited for: a hole in the numbering would stop every later batch.
        wire.AskAsync<ExtendedResponse>(new ExtendedRequest(oid, value), OnCancel.Abandon, CancellationToken.None);

    private BatchResult? Refusal(ExtendedResponse started, int operations)
    {
        if (!started.Result.IsSuccess)
        {
            string reason = started.Result.DiagnosticMessage;
            return new BatchResult(started.Result with
            {
                DiagnosticMessage = $"the server does not take batches (LBURP, RFC 4373){(reason.Length > 0 ? $": {reason}" : "")}",
            });
        }

        return started.Value is { } value && Decode(() => Lburp.DecodeMaxOperations(value)) is > 0 and var max && operations > max
            ? new BatchResult(new LdapResult(LdapResultCode.AdminLimitExceeded, $"a batch of {operations} operations; the server takes {max} at most"))
            : null;
    }

    /// <exception cref="LdapConnectionException">What the server sent is not what it has to be.</exception>
    private T Decode<T>(Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (LdapProtocolException e)
        {
            throw LdapFailures.Protocol(wire.Options.Endpoint, e.Message, e);
        }
    }

    private BatchResult Outcome(ExtendedResponse answer, int operations)
    {
        if (answer.Result.IsSuccess)
        {
            return new BatchResult(answer.Result);
        }

        if (answer.Value is { } value && Decode(() => Lburp.DecodeFailures(value)) is [var (number, result), ..] && number >= 1 && number <= operations)
        {
            return new BatchResult(result, number - 1);
        }

        return new BatchResult(answer.Result);
    }
}
