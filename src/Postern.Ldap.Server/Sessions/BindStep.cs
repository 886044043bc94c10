using Microsoft.Extensions.Logging;

namespace Postern.Ldap.Server.Sessions;

// RFC 4513 (complete): simple over TLS, and SASL EXTERNAL; anonymous sees the root DSE and the schema

/// <summary>A bind from its request to its answer, RFC 4511 section 4.2 and RFC 4513 section 5.</summary>
internal static class BindStep
{
    /// <summary>The only version there is, RFC 4511 section 4.2.</summary>
    private const int Version = 3;

    public static LdapResult PasswordInClear { get; } = new(
        LdapResultCode.ConfidentialityRequired, "a password in clear over the network: use LDAPS or StartTLS, and change this password");

    /// <summary>Ends everything that the old identity has begun.</summary>
    public static async Task ForgetAsync(SessionContext session)
    {
        session.Operations.AbandonReaders();
        await session.Operations.WhenEmptyAsync().ConfigureAwait(false);
        session.BecomeAnonymous();
    }

    /// <summary>Abandons searches, waits for updates, forgets the old identity, and only then checks the new one (RFC 4511 section 4.2.1).</summary>
    public static async Task<LdapResult> RunAsync(SessionContext session, BindRequest request)
    {
        await ForgetAsync(session).ConfigureAwait(false);
        ILogger logger = session.Server.Logger;
        LdapResult result = Refusal(session, request) ?? await AskAsync(session, request).ConfigureAwait(false);
        if (result.Code == LdapResultCode.Busy)
        {
            // Refused unheard, which the authenticator has said once: a flood is not to fill the log.
        }
        else if (!result.IsSuccess)
        {
            logger.BindFailed(session.Peer.Address, request.Name, result.Code);
        }
        else if (session.AuthorizationId.Length > 0)
        {
            logger.Bound(session.Peer.Address, session.AuthorizationId);
        }

        return result;
    }

    /// <summary>What no authenticator needs to see; null when it has to be asked.</summary>
    private static LdapResult? Refusal(SessionContext session, BindRequest request)
    {
        if (request.Version != Version)
        {
            return new LdapResult(LdapResultCode.ProtocolError, $"LDAP version {request.Version}: only {Version} is spoken here");
        }

        switch (request.Credentials)
        {
            case UnknownCredentials:
                return new LdapResult(LdapResultCode.AuthMethodNotSupported, "neither simple nor SASL");
            case SimpleCredentials { Password.IsEmpty: true } when request.Name.Length > 0:
                // RFC 4513 section 5.1.2: programs that forget to ask for a password would take this for a proof.
                return new LdapResult(LdapResultCode.UnwillingToPerform, "a name with an empty password proves nothing");
            case SimpleCredentials { Password.IsEmpty: false } when !session.MaySendPasswords:
                return PasswordInClear;
            default:
                return null;
        }
    }

    private static async Task<LdapResult> AskAsync(SessionContext session, BindRequest request)
    {
        if (request is { Name.Length: 0, Credentials: SimpleCredentials { Password.IsEmpty: true } })
        {
            return LdapResult.Success; // anonymous, which the session is already
        }

        try
        {
            LdapBindOutcome outcome = await session.Server.Authenticator.BindAsync(request, session.Peer, session.Aborted).ConfigureAwait(false);
            if (!outcome.Result.IsSuccess)
            {
                return outcome.Result;
            }

            session.Become(
                outcome.AuthorizationId,
                outcome.Directory ?? throw new InvalidOperationException("the authenticator accepted a bind and gave no directory"));
            return outcome.Result;
        }
        catch (Exception e)
        {
            return Faults.ToResult(e, session, "bind");
        }
    }
}
