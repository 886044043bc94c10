using System.Text;

namespace Postern.Ldap.Server.Sessions;

// RFC 5805 (complete): one at a time in a session

/// <summary>The transactions of one session, RFC 5805: one at a time, whose updates are held until its end and then applied as one.</summary>
internal sealed class Transactions(SessionContext session)
{
    private HeldTransaction? _open;
    private int _count;

    public ExtendedResponse Start(ExtendedRequest request)
    {
        if (request.Value is not null)
        {
            return new ExtendedResponse(new LdapResult(LdapResultCode.ProtocolError, "StartTransaction has a value"));
        }

        if (_open is not null)
        {
            return new ExtendedResponse(new LdapResult(LdapResultCode.UnwillingToPerform, "a transaction is open: end it first"));
        }

        LdapServerOptions options = session.Server.Options;
        _open = new HeldTransaction(Encoding.ASCII.GetBytes($"{++_count}"), options.MaxTransactionOperations, options.MaxTransactionBytes);
        return new ExtendedResponse(LdapResult.Success, null, _open.Id);
    }

    /// <summary>Keeps an update for later. One that cannot be kept ends the transaction: what is left of it is not what was meant.</summary>
    public async ValueTask<LdapResult> HoldAsync(ReadOnlyMemory<byte> id, int messageId, ControlledUpdate update, int bytes)
    {
        if (_open is not { } open || !open.Is(id))
        {
            return Unknown();
        }

        if (open.TryHold(messageId, update, bytes) is not { } refusal)
        {
            return LdapResult.Success;
        }

        await AbortAsync(refusal).ConfigureAwait(false);
        return refusal;
    }

    /// <summary>Takes the transaction that an EndTransaction names out of the session.</summary>
    /// <exception cref="LdapException">There is none of this name.</exception>
    public HeldTransaction Take(ReadOnlyMemory<byte> id)
    {
        if (_open is not { } open || !open.Is(id))
        {
            throw new LdapException(Unknown(), "end of a transaction");
        }

        _open = null;
        return open;
    }

    /// <summary>Drops an open transaction without notice, as a bind asks for: RFC 5805 section 3.5.</summary>
    public void Drop() => _open = null;

    /// <summary>Drops an open transaction and says so: Aborted Transaction Notice, RFC 5805 section 2.4.</summary>
    public async ValueTask AbortAsync(LdapResult why)
    {
        if (_open is { } open)
        {
            _open = null;
            await session.Channel.SendAsync(new LdapMessage(0, new ExtendedResponse(why, LdapOids.AbortedTransaction, open.Id))).ConfigureAwait(false);
        }
    }

    private static LdapResult Unknown() => new(LdapResultCode.OperationsError, "no open transaction has this identifier");
}
