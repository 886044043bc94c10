using Microsoft.Extensions.Logging;
using Postern.Directory;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Ldap.Server;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// Who may log on to an edge directory, and as what. The plain loopback listener gives every local process the lookup role; from
/// elsewhere, and over TLS, it takes an account.
/// </summary>
public sealed class EdgeAuthenticator(DirectoryEngine engine, TimeProvider time, ILoggerFactory loggerFactory) : ILdapAuthenticator
{
    private static readonly Principal LocalLookup = new("loopback", DirectoryRole.Lookup);

    private readonly ILogger _log = loggerFactory.CreateLogger<EdgeAuthenticator>();
    private readonly AccountVerifier _accounts = new(engine, EdgeLayout.Accounts, time);
    private readonly LoginThrottle _throttle = new(time);
    private readonly BootstrapEnd _bootstrap = new(engine.As(Principal.System), time);
    private readonly IControlledDirectory _nobody = engine.As(Principal.Nobody);
    private readonly IControlledDirectory _lookup = engine.As(LocalLookup);

    // TLS on loopback may be a tunnel that somebody far away speaks through; the plain listener is not to be tunnelled.
    public IControlledDirectory Anonymous(LdapPeer peer) => peer is { IsLoopback: true, IsTls: false } ? _lookup : _nobody;

    public async Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken)
    {
        if (request.Credentials is not SimpleCredentials simple)
        {
            return No(LdapResultCode.AuthMethodNotSupported, "simple bind with an account of the edge is the only method");
        }

        if (_throttle.IsBlocked(peer.Address))
        {
            AccountLog.Throttled(_log, peer.Address);
            return No(LdapResultCode.Busy, $"more than {LoginThrottle.MaxFailures} failed logins from your address; wait {LoginThrottle.Window.TotalSeconds:0} s");
        }

        AccountCheck check = await _accounts.VerifyAsync(request.Name, simple.Password, cancellationToken);
        if (check is not { State: AccountState.Valid, Account: { } account })
        {
            _throttle.NoteFailure(peer.Address);
            AccountLog.Refused(_log, request.Name, check.State, peer.Address);
            return No(LdapResultCode.InvalidCredentials, Explain(check));
        }

        _throttle.NoteSuccess(peer.Address);
        DirectoryRole role = account.FirstString(PosternAttributes.Role) switch
        {
            AccountEntry.BootstrapRole => DirectoryRole.Bootstrap,
            AccountEntry.ReplicationRole => DirectoryRole.Replication,
            AccountEntry.LookupRole => DirectoryRole.Lookup,
            _ => DirectoryRole.Nobody,
        };
        if (role == DirectoryRole.Replication)
        {
            await _bootstrap.ReachedAsync(account, cancellationToken);
        }

        AccountLog.LoggedOn(_log, account.Dn, role, peer.Address);
        return new LdapBindOutcome(LdapResult.Success, $"dn:{account.Dn}", new AccountSession(engine.As(new Principal(account.Dn, role)), _accounts, check.Proof!, account.Dn));
    }

    /// <summary>Precise only to who knows the password: the verifier says no more than "unknown or wrong" to anybody else.</summary>
    private static string Explain(AccountCheck check)
    {
        DateTimeOffset? Time(string attribute) => check.Account is { } account ? SyncStateEntry.ReadTime(account, attribute) : null;
        const string anew = "make a new subscription file on the edge with 'postern subscription new --force'";
        return check.State switch
        {
            AccountState.Expired => $"the account expired at {Time(PosternAttributes.ExpirationTime):u}; {anew}",
            AccountState.Used => $"the bootstrap account was used at {Time(PosternAttributes.UsedTime):u}, and it works once; {anew}",
            AccountState.NotYetEffective => $"the account takes effect at {Time(PosternAttributes.EffectiveTime):u} by the edge's clock; compare the clocks",
            _ => "unknown account or wrong password",
        };
    }

    private static LdapBindOutcome No(LdapResultCode code, string why) => new(new LdapResult(code, why), "", null);
}

internal static partial class AccountLog
{
    [LoggerMessage(3301, LogLevel.Information, "{Account} logged on as {Role} from {Peer}")]
    public static partial void LoggedOn(ILogger log, string account, DirectoryRole role, System.Net.EndPoint? peer);

    [LoggerMessage(3302, LogLevel.Warning, "Login as {Account} refused ({State}) from {Peer}")]
    public static partial void Refused(ILogger log, string account, AccountState state, System.Net.EndPoint? peer);

    [LoggerMessage(3303, LogLevel.Warning, "Login from {Peer} refused unheard: too many failures")]
    public static partial void Throttled(ILogger log, System.Net.EndPoint? peer);
}
