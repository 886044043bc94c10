using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Enrolment;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Auth;

/// <summary>
/// The auth certificate of the organization (fact sheet 8): the first hub makes it, all hubs have its key, and any of them rolls it at its
/// time. Every change names what it changes, so of two hubs that change it at once one does nothing.
/// </summary>
public sealed class AuthKeeper(HubIdentity hub, HubServers servers, TimeProvider time, ILogger log)
{
    /// <summary>Of a certificate that is made, five years.</summary>
    public const int DefaultDays = AuthCertificates.DefaultDays;

    private readonly AuthKeys _keys = new(hub, time, log);

    private IDirectory Organization => servers.Organization;

    /// <summary>Makes the certificate when the organization has none.</summary>
    /// <returns>Whether there is one now. A directory that refuses it, for it lacks the schema, costs the tokens and nothing else.</returns>
    /// <exception cref="LdapException">The directory is out of reach.</exception>
    public Task<bool> EnsureAsync(CancellationToken cancellationToken = default) => TryAsync(async () =>
    {
        if (await AuthState.ReadAsync(Organization, cancellationToken) is null)
        {
            await MakeFirstAsync(cancellationToken);
        }
    });

    /// <summary>Rolls what is due, and hands keys on.</summary>
    /// <exception cref="LdapException">The directory is out of reach.</exception>
    internal Task LookAsync(IReadOnlyList<HubServer> all, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        if (await AuthState.ReadAsync(Organization, cancellationToken) is not { } state)
        {
            await MakeFirstAsync(cancellationToken);
            return;
        }

        if (state.Configuration.IsDue(time.GetUtcNow()) && await RollAsync(state, cancellationToken))
        {
            state = await AuthState.ReadAsync(Organization, cancellationToken) ?? state;
        }

        await ShareAsync(state, all, cancellationToken);
    });

    /// <summary>This hub's certificate is another one from now on: what was sealed for the one before is sealed for it.</summary>
    internal async Task SealAnewAsync(CancellationToken cancellationToken) => await LookAsync(await servers.ListAsync(cancellationToken), cancellationToken);

    /// <summary>What there is, and which hubs lack what.</summary>
    /// <exception cref="AuthException">There is no auth configuration.</exception>
    public async Task<AuthOverview> ShowAsync(CancellationToken cancellationToken = default)
    {
        AuthState state = await ReadAsync(cancellationToken);
        IReadOnlyList<HubServer> all = await servers.ListAsync(cancellationToken);
        return new AuthOverview(state.Configuration, [.. all.Select(one => one.Name)], _keys.Examine(state, all));
    }

    /// <summary>What tokens are validated with.</summary>
    public async Task<AuthConfiguration?> FindAsync(CancellationToken cancellationToken = default) =>
        await AuthEntry.FindAsync(Organization, OrganizationLayout.Auth, cancellationToken) is { } entry ? AuthEntry.Read(entry) : null;

    /// <summary>A successor that takes over at a time.</summary>
    /// <param name="given">With its key; null: one is made.</param>
    /// <exception cref="AuthException">It cannot be one.</exception>
    public async Task StageAsync(X509Certificate2? given, KeyAlgorithm algorithm, int days, DateTimeOffset effective, CancellationToken cancellationToken = default)
    {
        AuthState state = await ReadAsync(cancellationToken);
        using X509Certificate2? made = given is null ? AuthCertificates.Make(algorithm, days, time) : null;
        X509Certificate2 next = Check(given ?? made!, state.Configuration, effective);
        await StageAsync(state, next, effective, cancellationToken);
    }

    /// <summary>The next one is the current one now.</summary>
    /// <exception cref="AuthException">There is no next one, or no hub can sign with it yet.</exception>
    public async Task PublishAsync(CancellationToken cancellationToken = default)
    {
        AuthState state = await ReadAsync(cancellationToken);
        if (state.Configuration.Next.IsEmpty)
        {
            throw new AuthException("noNextCertificate", "there is no next auth certificate", "`postern auth set` makes one");
        }

        if (!await RollAsync(state, cancellationToken))
        {
            throw Changed();
        }
    }

    /// <summary>What the previous one signed counts for nothing from now on.</summary>
    /// <returns>False: there was none.</returns>
    /// <exception cref="AuthException">There is no auth configuration.</exception>
    public async Task<bool> ClearPreviousAsync(CancellationToken cancellationToken = default)
    {
        AuthState state = await ReadAsync(cancellationToken);
        return !state.Configuration.Previous.IsEmpty
            && (await MoveAsync(state.Configuration, state.Configuration with { Previous = default }, [], cancellationToken) ? true : throw Changed());
    }

    /// <summary>Follows the decision table.</summary>
    /// <param name="apply">Do it; else only say it.</param>
    public async Task<AuthDecision> MonitorAsync(bool apply, bool enforce, bool ignoreUnreachable, CancellationToken cancellationToken = default)
    {
        AuthState? state = await AuthState.ReadAsync(Organization, cancellationToken);
        IReadOnlyList<HubServer> all = await servers.ListAsync(cancellationToken);
        AuthInputs inputs = state is null ? new AuthInputs(IsReadable: false, -1, -1, [], [], []) : _keys.Examine(state, all);
        AuthDecision decision = AuthDecision.Decide(inputs with { IsEnforced = enforce, IgnoresUnreachable = ignoreUnreachable });
        if (!apply || state is null)
        {
            return decision;
        }

        switch (decision.Action)
        {
            case AuthAction.ReplaceNow:
                await ReplaceAsync(state, all, cancellationToken);
                break;
            case AuthAction.StageNext:
                using (X509Certificate2 next = AuthCertificates.Make(AlgorithmLike(state.Configuration.Current), AuthCertificates.DefaultDays, time))
                {
                    await StageAsync(state, next, time.GetUtcNow() + decision.EffectiveIn!.Value, cancellationToken);
                }

                break;
            case AuthAction.ShareCurrent or AuthAction.ShareNext:
                await ShareAsync(state, all, cancellationToken);
                break;
            default:
                break;
        }

        return decision;
    }

    /// <exception cref="AuthException">This hub cannot sign now.</exception>
    public async Task<IssuedToken> IssueAsync(TokenWish wish, CancellationToken cancellationToken = default)
    {
        AuthState state = await ReadAsync(cancellationToken);
        ReadOnlyMemory<byte> signer = state.Configuration.IsDue(time.GetUtcNow()) ? state.Configuration.Next : state.Configuration.Current;
        if (AuthCertificates.DaysLeft(signer, time.GetUtcNow()) < 0)
        {
            throw new AuthException("authCertificateExpired", "the current auth certificate has expired", "`postern auth monitor --apply` makes a new one");
        }

        using X509Certificate2 auth = _keys.TryOpen(state, signer, out string reason)
            ?? throw new AuthException("noAuthKey", $"this hub cannot sign with the current auth certificate: {reason}", "use another hub, or wait until it hands the key on; `postern auth monitor` says more");
        IssuedToken token = TokenIssuer.Issue(auth, state.Configuration.Issuer, wish, time.GetUtcNow());
        AuthLog.Issued(log, token.Id, wish.Subject, wish.Role.ToString(), token.Expires);
        return token;
    }

    private async Task MakeFirstAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HubServer> all = await servers.ListAsync(cancellationToken);
        using X509Certificate2 first = AuthCertificates.Make(KeyAlgorithm.EcdsaP256, AuthCertificates.DefaultDays, time);
        AuthConfiguration configuration = new($"urn:uuid:{Guid.NewGuid():D}", first.RawDataMemory, default, default, null, WholeSeconds(time.GetUtcNow()));
        LdapResult added = await Organization.AddAsync(AuthEntry.ToAdd(OrganizationLayout.Auth, configuration, _keys.SealForAll(first, all)), cancellationToken);
        if (added.Code != LdapResultCode.EntryAlreadyExists)
        {
            added.ThrowIfFailed("store the auth certificate");
            AuthLog.Made(log, Pin(configuration.Current), configuration.Issuer, first.NotAfter);
        }
    }

    private async Task StageAsync(AuthState state, X509Certificate2 next, DateTimeOffset effective, CancellationToken cancellationToken)
    {
        AuthConfiguration after = state.Configuration with { Next = next.RawDataMemory, Effective = WholeSeconds(effective) };
        if (!await MoveAsync(state.Configuration, after, _keys.SealForAll(next, await servers.ListAsync(cancellationToken)), cancellationToken))
        {
            throw Changed();
        }

        AuthLog.Staged(log, Pin(after.Next), after.Effective!.Value);
    }

    private async Task ReplaceAsync(AuthState state, IReadOnlyList<HubServer> all, CancellationToken cancellationToken)
    {
        using X509Certificate2 made = AuthCertificates.Make(AlgorithmLike(state.Configuration.Current), AuthCertificates.DefaultDays, time);
        AuthConfiguration after = new(state.Configuration.Issuer, made.RawDataMemory, default, default, null, WholeSeconds(time.GetUtcNow()));
        if (!await MoveAsync(state.Configuration, after, _keys.SealForAll(made, all), cancellationToken))
        {
            throw Changed();
        }

        AuthLog.Replaced(log, Pin(after.Current));
    }

    /// <returns>False: another hub did something meanwhile.</returns>
    private async Task<bool> RollAsync(AuthState state, CancellationToken cancellationToken)
    {
        AuthConfiguration after = state.Configuration.Rolled(WholeSeconds(time.GetUtcNow()));
        if (!await MoveAsync(state.Configuration, after, [], cancellationToken))
        {
            return false;
        }

        AuthLog.Rolled(log, Pin(after.Current), Pin(after.Previous));
        return true;
    }

    private async Task ShareAsync(AuthState state, IReadOnlyList<HubServer> all, CancellationToken cancellationToken)
    {
        IReadOnlyList<Modification> changes = _keys.Share(state, all);
        if (changes.Count == 0)
        {
            return;
        }

        LdapResult result = await Organization.ModifyAsync(new ModifyRequest(OrganizationLayout.Auth, changes), cancellationToken);
        if (!IsOvertaken(result))
        {
            result.ThrowIfFailed("hand the key of the auth certificate on");
        }
    }

    private async Task<bool> MoveAsync(AuthConfiguration before, AuthConfiguration after, IReadOnlyList<AuthKeyRecord> keys, CancellationToken cancellationToken)
    {
        LdapResult result = await Organization.ModifyAsync(AuthEntry.ToMove(OrganizationLayout.Auth, before, after, keys), cancellationToken);
        if (IsOvertaken(result))
        {
            return false;
        }

        result.ThrowIfFailed("store the auth configuration");
        return true;
    }

    private static bool IsOvertaken(LdapResult result) =>
        result.Code is LdapResultCode.NoSuchAttribute or LdapResultCode.NoSuchObject or LdapResultCode.AttributeOrValueExists or LdapResultCode.ConstraintViolation;

    private X509Certificate2 Check(X509Certificate2 next, AuthConfiguration configuration, DateTimeOffset effective)
    {
        DateTimeOffset end = new(next.NotAfter.ToUniversalTime());
        string? fault = AuthCertificates.AlgorithmOf(next) is null ? "its key is neither EC P-256 nor RSA of 2048 bits or more"
            : !next.HasPrivateKey ? "its key is missing"
            : end <= effective || end <= time.GetUtcNow() ? $"it ends on {end:u}, before it would take over"
            : next.RawDataMemory.Span.SequenceEqual(configuration.Current.Span) ? "it is the current one already"
            : null;
        return fault is null ? next : throw new AuthException("authCertificate", $"'{next.Subject}' cannot sign tokens: {fault}", "let Postern make one: `postern auth set` without --certificate");
    }

    private async Task<AuthState> ReadAsync(CancellationToken cancellationToken) => await AuthState.ReadAsync(Organization, cancellationToken)
        ?? throw new AuthException("noAuthConfiguration", "the organization has no auth configuration yet", "the hub makes it within minutes; if it does not, its log says why (event 3574)");

    private static AuthException Changed() => new("authChanged", "another hub has changed the auth configuration meanwhile", "look at it with `postern auth show`, and decide again");

    private async Task<bool> TryAsync(Func<Task> body)
    {
        try
        {
            await body();
            return true;
        }
        catch (Exception e) when (e is LdapException { Code: not LdapResultCode.Unavailable } or CryptographicException)
        {
            AuthLog.Failed(log, e.Message);
            return false;
        }
    }

    private static KeyAlgorithm AlgorithmLike(ReadOnlyMemory<byte> der)
    {
        if (der.IsEmpty)
        {
            return KeyAlgorithm.EcdsaP256;
        }

        using X509Certificate2 one = X509CertificateLoader.LoadCertificate(der.Span);
        return AuthCertificates.AlgorithmOf(one) is null ? KeyAlgorithm.EcdsaP256 : CertificateKeys.AlgorithmOf(one) ?? KeyAlgorithm.EcdsaP256;
    }

    private static string Pin(ReadOnlyMemory<byte> der) => CertificatePin.Of(der.Span).ToString();

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}

/// <param name="Hubs">Names of all.</param>
/// <param name="Inputs">Who lacks which key, and how many days are left.</param>
public sealed record AuthOverview(AuthConfiguration Configuration, IReadOnlyList<string> Hubs, AuthInputs Inputs);
