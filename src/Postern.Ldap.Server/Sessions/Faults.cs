namespace Postern.Ldap.Server.Sessions;

/// <summary>The one map from what can go wrong behind the server to what a peer is told.</summary>
internal static class Faults
{
    /// <summary>The cause goes to the log only.</summary>
    private const string Generic = "an internal error; the server's log has the cause";

    public static LdapResult ToResult(Exception exception, SessionContext session, string operation)
    {
        switch (exception)
        {
            case LdapException refused:
                return refused.Result;
            case LdapProtocolException damaged:
                return damaged.ToResult();
            case OperationCanceledException when session.Aborted.IsCancellationRequested:
                return new LdapResult(LdapResultCode.Unavailable, "the server is giving up this connection");
            default:
                session.Server.Logger.OperationFailed(exception, session.Peer.Address, operation);
                return new LdapResult(LdapResultCode.Other, Generic);
        }
    }
}
