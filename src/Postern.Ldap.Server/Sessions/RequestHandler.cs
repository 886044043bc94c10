using System.Text;
using Postern.Ldap.Codec;
using Postern.Ldap.Server.Operations;

namespace Postern.Ldap.Server.Sessions;

// RFC 4532 (complete): nothing to add

/// <summary>What the read loop does after a request.</summary>
internal enum NextStep
{
    Read,
    Close,
    UpgradeToTls,
}

/// <summary>One request after the other, in the order of arrival: asks the session table, starts operations, answers what needs no directory.</summary>
/// <remarks>Updates are handed to the directory in the order of arrival and without waiting for the one before. Searches run beside the loop.</remarks>
internal sealed class RequestHandler(SessionContext session)
{
    private static readonly LdapResult NewLayer = new(LdapResultCode.OperationsError, "the session goes on under TLS");

    private readonly Transactions _transactions = new(session);
    private BulkUpdates _bulk = new();

    /// <summary>Why the session has to end, after <see cref="NextStep.Close"/>; null after an unbind.</summary>
    public LdapResult? Disconnect { get; private set; }

    /// <param name="bytes">The message's length in octets.</param>
    /// <param name="moreFollows">Octets of the peer behind this message have arrived already.</param>
    public async ValueTask<NextStep> HandleAsync(LdapMessage message, int bytes, bool moreFollows)
    {
        RequestKind kind = RequestKinds.Of(message.Operation);
        SessionRule rule = SessionTable.Rule(session.State, kind);
        if (kind == RequestKind.Response)
        {
            return End(rule.Message);
        }

        if (kind == RequestKind.Unbind)
        {
            return NextStep.Close;
        }

        if (message.MessageId == 0 || session.Operations.IsInUse(message.MessageId))
        {
            return End($"message id {message.MessageId} is {(message.MessageId == 0 ? "not for requests" : "in use by an operation in flight")}");
        }

        if (message.Operation is AbandonRequest abandon)
        {
            Abandon(abandon);
            return NextStep.Read;
        }

        RequestControls controls = rule.IsAllowed ? RequestControls.Of(kind, message, session.Directory) : new RequestControls(rule.ToResult(), []);
        LdapResult? refusal = controls.Refusal;
        if (message.Operation is BindRequest bind)
        {
            _transactions.Drop();
            LdapResult result = refusal ?? await BindStep.RunAsync(session, bind).ConfigureAwait(false);
            if (refusal is not null)
            {
                await BindStep.ForgetAsync(session).ConfigureAwait(false); // RFC 4511 section 4.2.1: a failed bind leaves an anonymous session
            }

            return await AnswerAsync(message, result).ConfigureAwait(false);
        }

        refusal ??= UncalledForValue(kind, message.Operation);
        if (refusal is not null)
        {
            return await AnswerAsync(message, refusal).ConfigureAwait(false);
        }

        return kind == RequestKind.StartTls
            ? await StartTlsAsync(message, moreFollows).ConfigureAwait(false)
            : await StartAsync(kind, message, controls, bytes).ConfigureAwait(false);
    }

    /// <summary>A frame that is no message that could be decoded. RFC 4511 section 4.1.1: damaged structure ends the session, any other
    /// mistake is answered.</summary>
    public async ValueTask<NextStep> RefuseAsync(ReadOnlyMemory<byte> frame, LdapProtocolException why)
    {
        if (!LdapEnvelope.TryRead(frame, out int messageId, out LdapOperationTag request)
            || session.Operations.IsInUse(messageId)
            || Answers.To(request, why.ToResult()) is not { } answer)
        {
            return End(why.Message);
        }

        if (request == LdapOperationTag.BindRequest)
        {
            _transactions.Drop();
            await BindStep.ForgetAsync(session).ConfigureAwait(false);
        }

        await session.Channel.SendAsync(new LdapMessage(messageId, answer)).ConfigureAwait(false);
        return NextStep.Read;
    }

    /// <summary>The wall: what came before TLS must not be believed after it, so octets behind the request end the session.</summary>
    private async ValueTask<NextStep> StartTlsAsync(LdapMessage message, bool moreFollows)
    {
        SessionRule rule = SessionTable.StartTls(
            session.Server.Tls is not null, session.Peer.IsTls, session.Operations.Count, moreFollows);
        if (rule.IsAllowed)
        {
            await _transactions.AbortAsync(NewLayer).ConfigureAwait(false);
        }

        await AnswerAsync(message, rule.ToResult()).ConfigureAwait(false);
        if (rule.IsAllowed)
        {
            return NextStep.UpgradeToTls;
        }

        return moreFollows ? End(rule.Message) : NextStep.Read;
    }

    private async ValueTask<NextStep> StartAsync(RequestKind kind, LdapMessage message, RequestControls controls, int bytes)
    {
        if (controls.Transaction is { } transaction)
        {
            ControlledUpdate update = new((IUpdateOperation)message.Operation, controls.ForDirectory);
            return await AnswerAsync(
                message, await _transactions.HoldAsync(transaction, message.MessageId, update, bytes).ConfigureAwait(false)).ConfigureAwait(false);
        }

        switch (kind)
        {
            case RequestKind.StartTransaction:
                await session.Channel.SendAsync(
                    new LdapMessage(message.MessageId, _transactions.Start((ExtendedRequest)message.Operation))).ConfigureAwait(false);
                return NextStep.Read;
            case RequestKind.PasswordModify when !session.MaySendPasswords:
                return await AnswerAsync(message, BindStep.PasswordInClear).ConfigureAwait(false);
            case RequestKind.WhoAmI:
                await session.Channel.SendAsync(new LdapMessage(
                    message.MessageId,
                    new ExtendedResponse(LdapResult.Success, null, Encoding.UTF8.GetBytes(session.AuthorizationId)))).ConfigureAwait(false);
                return NextStep.Read;
            case RequestKind.StartLburp:
                return await StartBulkAsync(message).ConfigureAwait(false);
        }

        OperationInFlight operation = new(message.MessageId, kind, bytes, session.Aborted) { IsEndless = IsEndless(controls.ForDirectory) };
        if (!session.Operations.TryAdd(operation))
        {
            operation.Dispose();
            return await AnswerAsync(message, new LdapResult(
                LdapResultCode.Busy,
                $"{session.Server.Options.MaxOperationsInFlight} operations in flight are the limit of a connection: wait for answers")).ConfigureAwait(false);
        }

        OperationRun run = new(session, operation, message.Operation, controls.ForDirectory);
        switch (message.Operation)
        {
            case SearchRequest search: run.StartSearch(search); break;
            case CompareRequest compare: run.StartCompare(compare); break;
            case IUpdateOperation update: run.StartUpdate(update); break;
            case ExtendedRequest cancel when kind == RequestKind.Cancel: run.StartCancel(cancel); break;
            case ExtendedRequest update when kind == RequestKind.LburpUpdate: run.StartBatch(update, _bulk); break;
            case ExtendedRequest end when kind == RequestKind.EndTransaction: run.StartEndOfTransaction(end, _transactions); break;
            case ExtendedRequest modify when kind == RequestKind.PasswordModify: run.StartPasswordModify(modify, session.OwnDn); break;
            case ExtendedRequest end when kind == RequestKind.EndLburp:
                session.State = SessionState.Bound;
                run.StartEndOfBulk(end, _bulk);
                break;
        }

        // Reading stops while the peer's requests fill its share of memory.
        await session.Operations.WhenRoomAsync().ConfigureAwait(false);
        return NextStep.Read;
    }

    private async ValueTask<NextStep> StartBulkAsync(LdapMessage message)
    {
        ExtendedRequest request = (ExtendedRequest)message.Operation;
        LdapResult result;
        try
        {
            string style = request.Value is { } value
                ? Lburp.DecodeStart(value)
                : throw new LdapProtocolException("StartLBURPRequestValue is missing");
            result = style == LdapOids.LburpIncrementalStyle
                ? LdapResult.Success
                : new LdapResult(LdapResultCode.UnwillingToPerform, $"update style {style}: only {LdapOids.LburpIncrementalStyle} (incremental) is offered");
        }
        catch (LdapProtocolException e)
        {
            result = new LdapResult(LdapResultCode.ProtocolError, e.Message);
        }

        if (!result.IsSuccess)
        {
            return await AnswerAsync(message, result).ConfigureAwait(false);
        }

        _bulk = new BulkUpdates();
        session.State = SessionState.BulkUpdate;
        await session.Channel.SendAsync(new LdapMessage(
            message.MessageId,
            new ExtendedResponse(result, LdapOids.StartLburpResponse, Lburp.EncodeMaxOperations(session.Server.Options.Limits.MaxBatchOperations))))
            .ConfigureAwait(false);
        return NextStep.Read;
    }

    /// <summary>RFC 4511 section 4.14.1, RFC 4532 section 2.1: these requests have no value.</summary>
    private static LdapResult? UncalledForValue(RequestKind kind, LdapOperation operation) =>
        kind is RequestKind.StartTls or RequestKind.WhoAmI && operation is ExtendedRequest { Value: not null }
            ? new LdapResult(LdapResultCode.ProtocolError, $"{kind} has a value, and may not")
            : null;

    /// <summary>A content synchronization that goes on after its refresh. A damaged control is the directory's to refuse.</summary>
    private static bool IsEndless(IReadOnlyList<LdapControl> controls)
    {
        try
        {
            return controls.FirstOrDefault(c => c.Oid == LdapOids.SyncRequest) is { } control
                && SyncControls.DecodeRequest(control).Mode == SyncMode.RefreshAndPersist;
        }
        catch (LdapProtocolException)
        {
            return false;
        }
    }

    private void Abandon(AbandonRequest request) => session.Operations.Find(request.AbandonedId)?.Abandon();

    private async ValueTask<NextStep> AnswerAsync(LdapMessage message, LdapResult result)
    {
        await session.Channel.SendAsync(new LdapMessage(message.MessageId, Answers.To(message.Operation, result))).ConfigureAwait(false);
        return NextStep.Read;
    }

    private NextStep End(string reason)
    {
        Disconnect = new LdapResult(LdapResultCode.ProtocolError, reason);
        return NextStep.Close;
    }
}
