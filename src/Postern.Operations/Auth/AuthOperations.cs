using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Auth;
using Postern.Operations.Certificates;

namespace Postern.Operations.Auth;

/// <summary>The verbs about the certificate that signs the organization's tokens, on a hub.</summary>
public sealed class AuthOperations(AuthKeeper auth, TimeProvider time)
{
    /// <summary>Who has to know a successor before it takes over: edges that are out of reach for a day, and people. As Exchange's Set-AuthConfig.</summary>
    public static readonly TimeSpan LeastNotice = TimeSpan.FromDays(2);

    /// <summary>Words for the roles of tokens.</summary>
    public static IReadOnlyList<string> Roles { get; } = [.. Enum.GetValues<TokenRole>().Select(one => Words.CamelCase(one))];

    /// <summary>Words for the kinds of key that sign tokens.</summary>
    public static IReadOnlyList<string> Algorithms { get; } =
        [.. Enum.GetValues<KeyAlgorithm>().Where(one => one != KeyAlgorithm.EcdsaP384).Select(one => Words.CamelCase(one))];

    public Task<AuthView> ShowAsync(CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
    {
        AuthOverview all = await auth.ShowAsync(cancellationToken);
        return View(all.Configuration, [.. all.Hubs.Select(name => new AuthHubView(
            name,
            !all.Configuration.Current.IsEmpty && !all.Inputs.LackCurrent.Contains(name),
            all.Configuration.Next.IsEmpty ? null : !all.Inputs.LackNext.Contains(name),
            !all.Inputs.Unreachable.Contains(name)))]);
    });

    public Task<AuthView> SetAsync(SetAuth request, CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
    {
        TimeSpan notice = TimeSpan.FromDays(request.EffectiveInDays);
        if (notice < LeastNotice && !request.Force)
        {
            throw new OperationException(
                FailureCategory.RefusedByGuard, "tooSoon", $"it would take over in {request.EffectiveInDays} days; a node that does not know it by then refuses all tokens",
                $"give it {LeastNotice.TotalDays:0} days or more, or --force");
        }

        KeyAlgorithm algorithm = AlgorithmOf(request.Algorithm);
        using X509Certificate2? given = Given(request.Pem);
        await auth.StageAsync(given, algorithm, request.Days ?? AuthKeeper.DefaultDays, time.GetUtcNow() + notice, cancellationToken);
        return await ShowAsync(cancellationToken);
    });

    public Task<AuthView> PublishAsync(CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
    {
        await auth.PublishAsync(cancellationToken);
        return await ShowAsync(cancellationToken);
    });

    public Task<AuthView> ClearPreviousAsync(CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
    {
        await auth.ClearPreviousAsync(cancellationToken);
        return await ShowAsync(cancellationToken);
    });

    public Task<AuthMonitored> MonitorAsync(MonitorAuth request, CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
    {
        AuthDecision decision = await auth.MonitorAsync(request.Apply, request.Enforce, request.IgnoreUnreachable, cancellationToken);
        return new AuthMonitored(
            Words.CamelCase(decision.Action), decision.Row, decision.Reason, decision.IsBlocked, request.Apply && decision.Action != AuthAction.Nothing, decision.EffectiveIn?.TotalHours);
    });

    public Task<TokenMade> NewTokenAsync(NewToken request, CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
    {
        TokenRole role = Enum.GetValues<TokenRole>().Where(one => Words.CamelCase(one) == request.Role).ToArray() is [var known]
            ? known
            : throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"'{request.Role}' is no role", $"one of {string.Join(", ", Roles)}");
        IssuedToken token = await auth.IssueAsync(new TokenWish(request.Subject, role, TimeSpan.FromHours(request.Hours), request.Node), cancellationToken);
        return new TokenMade(token.Token, token.Id, request.Subject, request.Role, request.Node, token.Expires);
    });

    /// <summary>What an edge was told by its hubs.</summary>
    public static Task<AuthView> ShowAsync(Func<CancellationToken, Task<AuthConfiguration?>> find, CancellationToken cancellationToken) => Failures.TranslateAsync(async () =>
        View(
            await find(cancellationToken) ?? throw new OperationException(
                FailureCategory.NotFound, "noAuthConfiguration", "this edge knows no auth certificate yet", "it comes with the next synchronization of the configuration"),
            []));

    private static AuthView View(AuthConfiguration one, IReadOnlyList<AuthHubView> hubs) => new(
        one.Issuer,
        [.. new[] { ("current", one.Current), ("next", one.Next), ("previous", one.Previous) }.Where(slot => !slot.Item2.IsEmpty).Select(slot => View(slot.Item1, slot.Item2))],
        one.Effective, one.Changed, hubs);

    private static CertificateView View(string slot, ReadOnlyMemory<byte> der)
    {
        using X509Certificate2 one = X509CertificateLoader.LoadCertificate(der.Span);
        return new CertificateView(
            slot, CertificatePin.Of(one).ToString(), one.Subject, one.Issuer, CertificateKeys.Describe(one), new DateTimeOffset(one.NotBefore.ToUniversalTime()), new DateTimeOffset(one.NotAfter.ToUniversalTime()));
    }

    private static KeyAlgorithm AlgorithmOf(string? text) => text is null ? KeyAlgorithm.EcdsaP256
        : Enum.GetValues<KeyAlgorithm>().Where(one => Words.CamelCase(one) == text && Algorithms.Contains(text)).ToArray() is [var known] ? known
        : throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"'{text}' is no kind of key that signs tokens", $"one of {string.Join(", ", Algorithms)}");

    private static X509Certificate2? Given(string? pem)
    {
        try
        {
            return pem is null ? null : X509Certificate2.CreateFromPem(pem, pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new OperationException(
                FailureCategory.BadRequest, "certificate", $"the files are not a certificate and its key: {e.Message}", "give both in PEM form, the key not encrypted", e);
        }
    }
}
