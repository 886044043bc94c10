using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Ldap.Server;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// Who may log on to an edge directory, and as what: an account with its password or its certificate, and the edge's own user and root
/// over the Unix socket. Whoever has not logged on is nobody, on this machine too.
/// </summary>
public sealed class EdgeAuthenticator : ILdapAuthenticator
{
    /// <summary>RFC 4422 appendix A.</summary>
    public const string ExternalMechanism = "EXTERNAL";

    private static readonly Principal LocalLookup = new("loopback", DirectoryRole.Lookup);

    private readonly DirectoryEngine _engine;
    private readonly ILogger _log;
    private readonly AccountVerifier _accounts;
    private readonly LoginBackoff _backoff;
    private readonly BootstrapEnd _bootstrap;
    private readonly IControlledDirectory _nobody;
    private readonly IControlledDirectory? _lookup;

    /// <summary>A session that a hub's certificate opened lasts so long: enough to bring a credential and to log on with it. Ours.</summary>
    private static readonly TimeSpan HealingTime = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;

    /// <summary>Makes accounts of what hubs brought. It is asked to look before an account is called unknown: a hub logs on right after it
    /// brought its credential. Null: nothing makes any.</summary>
    public CredentialService? Credentials { get; init; }

    /// <param name="anonymousLookup">Gives every local process that speaks to the plain loopback listener the lookup role without a bind.</param>
    public EdgeAuthenticator(
        DirectoryEngine engine, TimeProvider time, ILoggerFactory loggerFactory, bool anonymousLookup = false, LoginBackoffOptions? backoff = null)
    {
        _engine = engine;
        _time = time;
        _log = loggerFactory.CreateLogger<EdgeAuthenticator>();
        _accounts = new AccountVerifier(engine, EdgeLayout.Accounts, time);
        _backoff = new LoginBackoff(backoff ?? new LoginBackoffOptions(), time);
        _bootstrap = new BootstrapEnd(engine.As(Principal.System), time);
        _nobody = engine.As(Principal.Nobody);
        _lookup = anonymousLookup ? engine.As(LocalLookup) : null;
    }

    // TLS on loopback may be a tunnel that somebody far away speaks through; the plain listener is not to be tunnelled.
    public IControlledDirectory Anonymous(LdapPeer peer) =>
        _lookup is not null && peer is { IsLoopback: true, IsTls: false, Address: IPEndPoint } ? _lookup : _nobody;

    public Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken) => request.Credentials switch
    {
        SimpleCredentials simple => SimpleAsync(request.Name, simple.Password, peer, cancellationToken),
        SaslCredentials { Mechanism: ExternalMechanism } external => ExternalAsync(external, peer, cancellationToken),
        SaslCredentials other => Task.FromResult(No(
            LdapResultCode.AuthMethodNotSupported, $"SASL mechanism {other.Mechanism} is not offered: {ExternalMechanism} and simple binds are")),
        _ => Task.FromResult(No(LdapResultCode.AuthMethodNotSupported, $"SASL {ExternalMechanism} and simple binds are offered")),
    };

    private async Task<LdapBindOutcome> SimpleAsync(string name, ReadOnlyMemory<byte> password, LdapPeer peer, CancellationToken cancellationToken)
    {
        TimeSpan wait = _backoff.Wait(name, peer.Address);
        if (wait > TimeSpan.Zero)
        {
            return No(LdapResultCode.Busy, string.Create(
                CultureInfo.InvariantCulture, $"too many failed logins from your address; wait {Math.Ceiling(wait.TotalSeconds):0} s"));
        }

        AccountCheck check = await _accounts.VerifyAsync(name, password, cancellationToken);
        if (check.State != AccountState.Valid && Credentials is { } credentials)
        {
            await credentials.LookAsync(cancellationToken);
            check = await _accounts.VerifyAsync(name, password, cancellationToken);
        }

        if (check is not { State: AccountState.Valid, Account: not null })
        {
            AccountLog.Refused(_log, name, check.State, peer.Address);
            if (check.State == AccountState.UnknownOrWrong && _accounts.AccountName(name) is { } tried && await _bootstrap.CountFailureAsync(tried.ToString(), cancellationToken))
            {
                AccountLog.Closed(_log, name, peer.Address);
            }

            if (_backoff.NoteFailure(name, peer.Address) is var next && next > TimeSpan.Zero)
            {
                AccountLog.Throttled(_log, peer.Address, next); // once per wait: what is refused unheard meanwhile fills no log
            }

            return No(LdapResultCode.InvalidCredentials, Explain(check));
        }

        _backoff.NoteSuccess(name, peer.Address);
        return await LogOnAsync(check, peer, cancellationToken);
    }

    /// <summary>RFC 4422 appendix A, RFC 4513 section 5.2.3: who the peer is was settled outside of LDAP, by the kernel or by TLS.</summary>
    private async Task<LdapBindOutcome> ExternalAsync(SaslCredentials credentials, LdapPeer peer, CancellationToken cancellationToken)
    {
        LdapBindOutcome outcome = peer switch
        {
            { Address: UnixPeer process } => OfProcess(process),
            { ClientCertificate: { } certificate } => await OfCertificateAsync(CertificatePin.Of(certificate), peer, cancellationToken),
            _ => No(LdapResultCode.InappropriateAuthentication, "SASL EXTERNAL needs a client certificate over TLS, or the edge's Unix socket"),
        };
        string wanted = credentials.Value is { } value ? Encoding.UTF8.GetString(value.Span) : "";
        return !outcome.Result.IsSuccess || wanted.Length == 0 || IsSame(wanted, outcome.AuthorizationId)
            ? outcome
            : No(LdapResultCode.InvalidCredentials, "nobody here may act under another name than the own one");
    }

    private LdapBindOutcome OfProcess(UnixPeer process)
    {
        if (process.UserId != 0 && process.UserId != OwnUser.Id)
        {
            AccountLog.ProcessRefused(_log, process);
            return No(LdapResultCode.InvalidCredentials, "only root and the edge's own user are known here");
        }

        // The form that OpenLDAP gave such identities.
        string dn = string.Create(CultureInfo.InvariantCulture, $"gidNumber={process.GroupId}+uidNumber={process.UserId},cn=peercred,cn=external,cn=auth");
        AccountLog.LoggedOn(_log, dn, DirectoryRole.Operator, process);
        return new LdapBindOutcome(LdapResult.Success, $"dn:{dn}", _engine.As(new Principal(dn, DirectoryRole.Operator)));
    }

    private async Task<LdapBindOutcome> OfCertificateAsync(CertificatePin pin, LdapPeer peer, CancellationToken cancellationToken)
    {
        AccountCheck check = await _accounts.VerifyCertificateAsync(pin.Sha256, cancellationToken);
        if (check is { State: AccountState.Valid, Account: not null })
        {
            return await LogOnAsync(check, peer, cancellationToken);
        }

        if (await HubTrustEntry.FindHubAsync(_engine.As(Principal.System), peer.ClientCertificate!.RawData, cancellationToken) is { } hub)
        {
            return OfHub(hub, peer);
        }

        AccountLog.Refused(_log, $"certificate {pin}", check.State, peer.Address);
        return No(LdapResultCode.InvalidCredentials, check.State == AccountState.UnknownOrWrong ? "no account is for this certificate" : Explain(check));
    }

    /// <summary>A hub whose accounts do not work any more: it may bring its own credential anew, and has to log on with that.</summary>
    private LdapBindOutcome OfHub(string hub, LdapPeer peer)
    {
        string dn = HubTrustEntry.Dn(hub);
        DateTimeOffset end = _time.GetUtcNow() + HealingTime;
        AccountLog.LoggedOn(_log, dn, DirectoryRole.Hub, peer.Address);
        byte[] certificate = peer.ClientCertificate!.RawData;
        return new LdapBindOutcome(LdapResult.Success, $"dn:{dn}", new AccountSession(_engine, dn, DirectoryRole.Hub, () =>
            _time.GetUtcNow() >= end ? new LdapResult(LdapResultCode.InsufficientAccessRights, "this session was for bringing a credential; log on with that")
            : _engine.Find(dn) is { } trust && HubTrustEntry.Read(trust).Any(one => one.Span.SequenceEqual(certificate)) ? null
            : new LdapResult(LdapResultCode.InsufficientAccessRights, "the certificate is none of a hub's any more")));
    }

    private async Task<LdapBindOutcome> LogOnAsync(AccountCheck check, LdapPeer peer, CancellationToken cancellationToken)
    {
        LdapEntry account = check.Account!;
        DirectoryRole role = account.FirstString(PosternAttributes.Role) switch
        {
            AccountEntry.BootstrapRole => DirectoryRole.Bootstrap,
            AccountEntry.ReplicationRole => DirectoryRole.Replication,
            AccountEntry.LookupRole => DirectoryRole.Lookup,
            AccountEntry.OperatorRole => DirectoryRole.Operator,
            _ => DirectoryRole.Nobody,
        };
        if (role == DirectoryRole.Replication)
        {
            await _bootstrap.ReachedAsync(account, cancellationToken);
        }

        AccountLog.LoggedOn(_log, account.Dn, role, peer.Address);
        return new LdapBindOutcome(
            LdapResult.Success, $"dn:{account.Dn}",
            AccountSession.Of(_engine, _accounts, check.Proof!, account.Dn, role));
    }

    private static bool IsSame(string authorizationId, string own) =>
        authorizationId.StartsWith("dn:", StringComparison.OrdinalIgnoreCase)
        && DistinguishedName.TryParse(authorizationId[3..], out DistinguishedName wanted, out _)
        && DistinguishedName.TryParse(own[3..], out DistinguishedName mine, out _)
        && wanted.Equals(mine);

    /// <summary>Precise only to who knows the password: the verifier says no more than "unknown or wrong" to anybody else.</summary>
    private static string Explain(AccountCheck check)
    {
        DateTimeOffset? Time(string attribute) => check.Account is { } account ? SyncStateEntry.ReadTime(account, attribute) : null;
        const string anew = "make a new subscription file on the edge with 'postern subscription new --force'";
        return check.State switch
        {
            AccountState.Expired => $"the account expired at {Time(PosternAttributes.ExpirationTime):u} by the edge's clock" + (check.Account!.FirstString(PosternAttributes.Role) == AccountEntry.BootstrapRole ? $"; {anew}" : ""),
            AccountState.Used => $"the bootstrap account was used at {Time(PosternAttributes.UsedTime):u}, and it works once; {anew}",
            AccountState.Closed => $"the account was closed after {AccountVerifier.MaxFailures} wrong passwords; {anew}",
            AccountState.NotYetEffective => $"the account takes effect at {Time(PosternAttributes.EffectiveTime):u} by the edge's clock; compare the clocks",
            _ => "unknown account or wrong password",
        };
    }

    private static LdapBindOutcome No(LdapResultCode code, string why) => new(new LdapResult(code, why), "", null);
}

internal static partial class AccountLog
{
    [LoggerMessage(3301, LogLevel.Information, "{Account} logged on as {Role} from {Peer}")]
    public static partial void LoggedOn(ILogger log, string account, DirectoryRole role, EndPoint? peer);

    [LoggerMessage(3302, LogLevel.Warning, "Login as {Account} refused ({State}) from {Peer}")]
    public static partial void Refused(ILogger log, string account, AccountState state, EndPoint? peer);

    [LoggerMessage(3303, LogLevel.Warning, "Too many failed logins from {Peer}: the next is heard after {Wait}, others are refused until then")]
    public static partial void Throttled(ILogger log, EndPoint? peer, TimeSpan wait);

    [LoggerMessage(3304, LogLevel.Warning, "Login of {Process} refused: neither root nor the edge's own user")]
    public static partial void ProcessRefused(ILogger log, UnixPeer process);

    [LoggerMessage(3305, LogLevel.Warning, "Bootstrap account {Account} is closed: the last wrong password came from {Peer}. Make a new subscription file if the old one was not imported")]
    public static partial void Closed(ILogger log, string account, EndPoint? peer);
}
