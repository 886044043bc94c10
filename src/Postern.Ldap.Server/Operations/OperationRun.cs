using System.Buffers;
using System.Formats.Asn1;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Postern.Ldap.Server.Sessions;

namespace Postern.Ldap.Server.Operations;

/// <summary>Carries one operation from its start to its answer. The start methods never throw and never wait.</summary>
/// <param name="controls">Those that the directory honours.</param>
internal sealed class OperationRun(SessionContext session, OperationInFlight operation, LdapOperation request, IReadOnlyList<LdapControl> controls)
{
    // The identity at the start: a later bind does not change whose operation this is.
    private readonly IControlledDirectory _directory = session.Directory;

    // On the read loop: a lookup is answered without another thread. A directory lets go of it in longer searches, see
    // IControlledDirectory.SearchAsync, so that an abandon gets through.
    public void StartSearch(SearchRequest search) => _ = RunSearchAsync(search);

    public void StartCompare(CompareRequest compare) => _ = RunAsync(() => _directory.CompareAsync(compare, controls, operation.Token));

    // Called on the read loop: that is what keeps the order of arrival.
    public void StartUpdate(IUpdateOperation update) => _ = RunAsync(() => _directory.UpdateAsync(update, controls, operation.Token));

    public void StartBatch(ExtendedRequest update, BulkUpdates bulk) => _ = RunBatchAsync(update, bulk);

    public void StartEndOfBulk(ExtendedRequest end, BulkUpdates bulk) => _ = RunAsync(async () =>
    {
        LdapResult? refusal = bulk.Check(Lburp.DecodeEnd(ValueOf(end)));
        await bulk.WhenAnsweredAsync().ConfigureAwait(false);
        return new LdapAnswer(refusal ?? LdapResult.Success);
    });

    public void StartCancel(ExtendedRequest cancel) => _ = RunAsync(async () => new LdapAnswer(await CancelAsync(cancel).ConfigureAwait(false)));

    /// <summary>The commit or abort of a transaction, RFC 5805 section 3.3; starts in the call, so its place among other updates is kept.</summary>
    public void StartEndOfTransaction(ExtendedRequest end, Transactions transactions) => _ = RunAsync(async () =>
    {
        TransactionEnd wanted = TransactionCodec.DecodeEnd(ValueOf(end));
        HeldTransaction held = transactions.Take(wanted.Id);
        if (!wanted.Commit)
        {
            return LdapAnswer.Success;
        }

        TransactionAnswer done = await _directory.TransactAsync(held.Updates, operation.Token).ConfigureAwait(false);
        TransactionOutcome outcome = new(
            done is { Result.IsSuccess: false, FailedUpdate: >= 0 } ? held.MessageIds[done.FailedUpdate] : null,
            [.. done.Controls.Select((updateControls, i) => (held.MessageIds[i], updateControls)).Where(u => u.updateControls.Count > 0)]);
        return TransactionCodec.EncodeEndResponse(outcome) is { } value ? new LdapAnswer(done.Result, [], value) : new LdapAnswer(done.Result);
    });

    /// <summary>RFC 3062. The passwords in the request are wiped when the directory is done with them.</summary>
    public void StartPasswordModify(ExtendedRequest modify, string ownDn) => _ = RunAsync(async () =>
    {
        try
        {
            return await _directory.ModifyPasswordAsync(modify, ownDn, operation.Token).ConfigureAwait(false);
        }
        finally
        {
            if (modify.Value is { } value && MemoryMarshal.TryGetArray(value, out ArraySegment<byte> octets))
            {
                CryptographicOperations.ZeroMemory(octets);
            }
        }
    });

    private async Task<LdapResult> CancelAsync(ExtendedRequest cancel)
    {
        OperationInFlight? target = session.Operations.Find(CancelledId(ValueOf(cancel)));
        if (target is null || target == operation)
        {
            return new LdapResult(LdapResultCode.NoSuchOperation, "no operation in flight has this id");
        }

        if (!target.CanStop)
        {
            return new LdapResult(LdapResultCode.CannotCancel, "only searches and compares can be cancelled");
        }

        return await target.CancelAsync().ConfigureAwait(false)
            ? LdapResult.Success
            : new LdapResult(LdapResultCode.TooLate, "the operation ended first");
    }

    private async Task RunSearchAsync(SearchRequest search)
    {
        ArrayBufferWriter<byte> batch = session.TakeBatch();
        SearchStream stream = new(operation, search, controls, _directory, session.Channel, session.Server.Time, batch);
        LdapAnswer answer;
        try
        {
            answer = await stream.RunAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            answer = new LdapAnswer(ResultOf(e));
        }

        await FinishAsync(answer.Result, (session, stream, answer), static with =>
        {
            with.stream.Finish(with.answer);
            return with.session.Channel.SendAsync(with.stream.Rest);
        }).ConfigureAwait(false);
        session.ReturnBatch(batch);
    }

    private async Task RunBatchAsync(ExtendedRequest update, BulkUpdates bulk)
    {
        bool begun = false;
        BatchResult batch;
        try
        {
            (int sequenceNumber, IReadOnlyList<IUpdateOperation> operations) = Lburp.DecodeUpdate(ValueOf(update), session.Server.Options.Limits);
            if (bulk.Check(sequenceNumber) is { } refusal)
            {
                batch = new BatchResult(refusal);
            }
            else
            {
                bulk.Begin();
                begun = true;
                batch = await _directory.BatchAsync(operations, operation.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            batch = new BatchResult(ResultOf(e));
        }

        await FinishAsync(batch.Result, session.Channel, channel =>
            channel.SendAsync(new LdapMessage(operation.MessageId, BatchAnswer(batch)))).ConfigureAwait(false);
        if (begun)
        {
            bulk.Answered();
        }
    }

    /// <summary>RFC 4373 section 6: <see cref="LdapResultCode.Other"/> with the failed operation's own result in the value.</summary>
    private static ExtendedResponse BatchAnswer(BatchResult batch)
    {
        if (batch.Result.IsSuccess || batch.FailedOperation < 0)
        {
            return new ExtendedResponse(batch.Result, LdapOids.LburpUpdateResponse);
        }

        int number = batch.FailedOperation + 1;
        return new ExtendedResponse(
            new LdapResult(LdapResultCode.Other, $"operation {number} was refused, so nothing of this update was applied"),
            LdapOids.LburpUpdateResponse,
            Lburp.EncodeFailures([(number, batch.Result)]));
    }

    private async Task RunAsync(Func<Task<LdapAnswer>> work)
    {
        LdapAnswer answer;
        try
        {
            answer = await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            answer = new LdapAnswer(ResultOf(e));
        }

        await FinishAsync(answer.Result, session.Channel, channel => channel
            .SendAsync(new LdapMessage(operation.MessageId, Answers.To(request, answer), answer.Controls))).ConfigureAwait(false);
    }

    private LdapResult ResultOf(Exception e) => operation.StoppedWith == LdapResultCode.Canceled
        ? new LdapResult(LdapResultCode.Canceled)
        : operation.IsSilent ? LdapResult.Success : Faults.ToResult(e, session, operation.Kind.ToString());

    /// <summary>Frees the message id, sends unless abandoned, frees the place. Whatever happens, the place is freed.</summary>
    private async Task FinishAsync<T>(LdapResult result, T with, Func<T, ValueTask<bool>> send)
    {
        session.Operations.Retire(operation);
        try
        {
            if (!operation.IsSilent)
            {
                await send(with).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            session.Server.Logger.OperationFailed(e, session.Peer.Address, operation.Kind.ToString());
        }
        finally
        {
            operation.Ended(result.Code);
            session.Operations.Release(operation);
        }
    }

    private static ReadOnlyMemory<byte> ValueOf(ExtendedRequest extended) =>
        extended.Value ?? throw new LdapProtocolException($"{extended.Name}: requestValue is missing");

    /// <summary>cancelRequestValue, RFC 3909 section 2.1: SEQUENCE { cancelID MessageID }.</summary>
    private static int CancelledId(ReadOnlyMemory<byte> value)
    {
        try
        {
            AsnReader reader = new AsnReader(value, AsnEncodingRules.BER).ReadSequence();
            return reader.TryReadInt32(out int id) ? id : throw new LdapProtocolException("cancelID: not a message id");
        }
        catch (AsnContentException e)
        {
            throw new LdapProtocolException("cancelRequestValue: not SEQUENCE { cancelID }", e);
        }
    }
}
