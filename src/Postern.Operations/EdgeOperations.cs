using Postern.Certificates;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Subscriptions;
using Postern.Mail;
using Postern.Operations.Accounts;
using Postern.Operations.Configuration;
using Postern.Operations.Recipients;
using Postern.Operations.Status;
using Postern.Operations.Subscriptions;
using Postern.Transport;

namespace Postern.Operations;

/// <summary>The verbs of an edge: one method, one request, one result each. All may be called at once.</summary>
/// <param name="ldapsPort">Where hubs reach this edge; goes into subscription files.</param>
public sealed class EdgeOperations(
    EdgeSubscriptionService subscription, EdgeAccounts accounts, RecipientLookup lookup, ConfigurationStore configuration, LocalConfiguration local,
    string fqdn, int ldapsPort, Func<StatusResult> status)
{
    private const string Side = "edge";

    /// <summary>The verbs of the mail configuration: a subscribed edge shows what it was sent.</summary>
    public ConfigurationOperations Configuration { get; } = new(
        configuration, onEdge: true, site: null,
        _ => Task.FromResult<IReadOnlyList<string>>([EdgeNames.ShortName(fqdn)]),
        async cancellationToken => Manager(await subscription.FindAsync(cancellationToken)));

    /// <summary>What a new subscription would replace; changes nothing.</summary>
    public Task<SubscriptionPreview> PreviewSubscriptionAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new SubscriptionPreview(Views(await local.ListAsync(cancellationToken))));

    public Task<NewSubscriptionResult> NewSubscriptionAsync(NewSubscription request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            // Looked at first: a file that cannot be sealed must not end the accounts of the one before.
            SubscriptionSeal seal = SubscriptionSeal.Of(request);
            SubscriptionFile file = await subscription.NewAsync(
                new NewSubscriptionOptions
                {
                    Fqdn = fqdn,
                    AdamSslPort = ldapsPort,
                    Force = request.Force,
                    Duration = TimeSpan.FromMinutes(request.DurationMinutes),
                },
                cancellationToken);

            // From here on nobody changes what is local any more, and no hub has the file yet.
            IReadOnlyList<LocalObject> replaced = await local.ListAsync(cancellationToken);
            string? backup = replaced.Count == 0 ? null : await local.BackUpAsync(cancellationToken);
            return new NewSubscriptionResult(
                file.EdgeServerName, file.EdgeServerFqdn, file.AdamSslPort, CertificatePin.Of(file.EdgeCertificateBlob.Span).ToString(), file.ExpiresAt,
                seal.Apply(file with { ReplacedObjects = Named(replaced) }))
            {
                Replaces = Views(replaced),
                Backup = backup,
                Form = Words.CamelCase(seal.Form),
                HubSha256 = seal.HubSha256,
            };
        });

    public Task<SubscriptionList> ListSubscriptionsAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
            new SubscriptionList(await subscription.FindAsync(cancellationToken) is { } one ? [View(one)] : []));

    public Task<SubscriptionView> ShowSubscriptionAsync(NamedSubscription request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => View(await FindAsync(request.Name, cancellationToken)));

    public Task<SubscriptionRemoved> RemoveSubscriptionAsync(NamedSubscription request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            EdgeSubscription one = await FindAsync(request.Name, cancellationToken);
            SubscriptionRemoval done = await subscription.RemoveAsync(one.Name, null, cancellationToken);
            return new SubscriptionRemoved(done.Name, done.AccountsDeleted, done.EntriesDeleted, done.Warning);
        });

    public Task<NewAccountResult> NewAccountAsync(NewAccount request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            CertificatePin? pin = request.CertificateSha256 is { } text ? ReadPin(text) : null;
            (string dn, string password) = await accounts.NewAsync(request.Name, request.Role, pin, cancellationToken);
            return new NewAccountResult(request.Name, dn, request.Role, pin?.ToString(), password);
        });

    public Task<AccountList> ListAccountsAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new AccountList([.. (await accounts.ListAsync(cancellationToken)).Select(View)]));

    public Task<AccountView> RemoveAccountAsync(NamedAccount request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => View(await accounts.RemoveAsync(request.Name, cancellationToken)));

    public Task<LookupRecipientResult> LookupRecipientAsync(LookupRecipient request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            LookupAnswer answer = await lookup.FindAsync(request.Address, cancellationToken);
            return new LookupRecipientResult(
                request.Address, Words.CamelCase(answer.Verdict), answer.Reason, answer.Domain?.Name,
                answer.Domain is { } domain ? AcceptedDomain.TypeName(domain.Type) : null);
        });

    public Task<StatusResult> StatusAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            EdgeSubscription? one = await subscription.FindAsync(cancellationToken);
            return status() with
            {
                Subscriptions = one is null ? [] : [new SubscriptionSummary(one.Name, Words.CamelCase(one.State))],
                Synchronized = one is null
                    ? new Dictionary<string, DateTimeOffset>()
                    : one.Replication.Where(type => type.LastSync is not null).ToDictionary(type => type.Type, type => type.LastSync!.Value),
            };
        });

    private static ManagedElsewhere? Manager(EdgeSubscription? one) => one switch
    {
        null => null,
        { State: SubscriptionState.Orphaned, Hub: { } hub } => new ManagedElsewhere(
            $"managed by EdgeSync until the credentials of hub {hub} went", _ => $"`postern subscription remove {one.Name}` here ends it here too; then this edge is configured here"),
        { State: SubscriptionState.Subscribed, Hub: { } hub } => new ManagedElsewhere(
            $"managed by EdgeSync from hub {hub}", command => $"use `{command}` on hub {hub}; `postern subscription remove {one.Name}` here would end that"),
        _ => new ManagedElsewhere(
            "about to be managed by a hub: a subscription file is out",
            command => $"use `{command}` on the hub that imports it; `postern subscription remove {one.Name}` here takes the file back"),
    };

    /// <summary>As the subscription file names them.</summary>
    private static List<string> Named(IReadOnlyList<LocalObject> objects)
    {
        const int longest = 256; // characters of a name; what is longer is cut
        List<string> names = [.. objects.Take(SubscriptionFile.MaxReplacedObjects).Select(one => $"{one.Kind} {one.Name}").Select(name => name[..Math.Min(name.Length, longest)])];
        if (objects.Count > names.Count)
        {
            names.Add($"and {objects.Count - names.Count} more");
        }

        return names;
    }

    private static IReadOnlyList<LocalObjectView> Views(IReadOnlyList<LocalObject> objects) => [.. objects.Select(one => new LocalObjectView(one.Kind, one.Name))];

    private static CertificatePin ReadPin(string text)
    {
        try
        {
            return CertificatePin.Parse(text);
        }
        catch (FormatException e)
        {
            throw new OperationException(FailureCategory.BadRequest, "invalidValue", e.Message, "give the 64 hexadecimal digits of its SHA-256", e);
        }
    }

    private static AccountView View(EdgeAccount one) => new(
        one.Name, one.Dn, one.Role, one.Certificate?.ToString(), one.IsOfSubscription ? "subscription" : "operator", one.Effective);

    private async Task<EdgeSubscription> FindAsync(string name, CancellationToken cancellationToken)
    {
        EdgeSubscription? one = await subscription.FindAsync(cancellationToken);
        return one is not null && one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            ? one
            : throw new OperationException(
                FailureCategory.NotFound, "noSuchSubscription", $"there is no subscription {name} on this edge",
                one is null ? "make one with `postern subscription new`" : $"its subscription is called {one.Name}");
    }

    private SubscriptionView View(EdgeSubscription one) => new(
        Side, one.Name, one.Fqdn, null, one.Site, one.Hub, Words.CamelCase(one.State),
        subscription.Certificate is { } certificate ? CertificatePin.Of(certificate.RawData).ToString() : null, one.SubscribedTime)
    {
        Problem = one.State == SubscriptionState.Orphaned
            ? $"no hub has credentials here any more: hub {one.Hub} removed its subscription, or trust was revoked here. Nothing is synchronized, what is here stays. `postern subscription remove {one.Name}` here ends it; `postern subscription new --force` begins anew"
            : null,
    };
}
