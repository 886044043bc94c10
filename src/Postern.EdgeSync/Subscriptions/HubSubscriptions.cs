using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>The hub's side of its Edge Subscriptions: entries in the organization directory, whose secrets only their owners can open.</summary>
/// <param name="timetable">Of the replication accounts; null: the defaults.</param>
public sealed class HubSubscriptions(
    IDirectory organization, HubPaths paths, HubIdentity hub, TimeProvider time, ILoggerFactory loggerFactory, CredentialTimetable? timetable = null)
{
    /// <summary>How far an edge's clock may be ahead of ours before its file is called not yet effective. Ours.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly Turns<(string Edge, SyncType Type)> _turns = new();

    /// <summary>By edge. In memory: what another hub finds may be something else, and the next cycle finds it again.</summary>
    private readonly ConcurrentDictionary<string, string> _forgottenBy = new(StringComparer.OrdinalIgnoreCase);

    private readonly EdgeSessions _sessions = new(
        new HubCredentials(organization, new HubServers(organization), hub, timetable ?? new CredentialTimetable(), time, loggerFactory.CreateLogger<HubSubscriptions>()),
        time, loggerFactory.CreateLogger<HubSubscriptions>());

    public string HubName => hub.Name;

    internal HubPaths Paths => paths;

    /// <summary>Only edges of this site are this hub's business; null where there is but one.</summary>
    public string? Site { get; init; }

    /// <summary>Entries that a search of an edge may bring.</summary>
    internal long MostEdgeEntries
    {
        get => _sessions.MostEntries;
        set => _sessions.MostEntries = value;
    }

    internal HubCredentials Credentials => _sessions.Credentials;

    /// <summary>Called after an import.</summary>
    internal Action? Imported { get; set; }

    /// <summary>Why this hub may no longer write to any edge; null as long as it may.</summary>
    internal string? Barred { get; set; }

    /// <summary>Makes the fixed entries of the organization directory if they are missing.</summary>
    public Task EnsureStructureAsync(CancellationToken cancellationToken = default) => DirectoryStructure.EnsureOrganizationAsync(organization, cancellationToken);

    /// <summary>Subscribes an edge: checks the file, dials the edge with the exact pin, exchanges the bootstrap account for a replication
    /// account. After a failure before the edge has taken that account the hub is as it was; after one later, the next session goes on. Subscribing
    /// again replaces.</summary>
    /// <param name="address">host:port to dial instead of the name and port in the file.</param>
    /// <param name="steps">The way to the edge, a step at a time, as it is gone; nothing is changed before it was gone to its end.</param>
    /// <exception cref="SubscriptionException">With a hint.</exception>
    public async Task<HubSubscription> ImportAsync(
        SubscriptionFile file, string site, string? address = null, IProgress<Finding>? steps = null, CancellationToken cancellationToken = default)
    {
        CheckTimes(file);
        HubSubscription subscription = new(
            file.EdgeServerName, file.EdgeServerFqdn, CheckAddress(address ?? $"{file.EdgeServerFqdn}:{file.AdamSslPort}"), CheckSite(site), file.EdgeCertificateBlob, SubscriptionState.Pairing, null);
        using IDisposable configuration = await LockAsync(subscription.Name, SyncType.Configuration, cancellationToken);
        using IDisposable recipients = await LockAsync(subscription.Name, SyncType.Recipients, cancellationToken);

        HubSubscription? previous = await FindInAnySiteAsync(subscription.Name, cancellationToken);
        if (previous is not null && !IsSame(previous.Site, subscription.Site))
        {
            throw new SubscriptionException(
                $"edge {previous.Name} belongs to site {previous.Site} of this organization, not to site {subscription.Site}",
                $"To move it, run 'postern subscription remove {previous.Name}' on a hub of site {previous.Site}, then import here. To keep it there, import on a hub of that site.");
        }

        EdgeApproach approach = new(subscription, steps, time);
        await approach.WalkAsync("subscription import FILE", cancellationToken);
        IReadOnlyList<StoredCredential> previousCredentials = await Credentials.PrepareAsync(file, cancellationToken);
        IReadOnlyList<StoredCredential> previousForEdge = previous is null ? [] : await Credentials.ForEdgeAsync(previous, cancellationToken);
        await StoreAsync(previous, subscription, cancellationToken);
        Pairing pairing = new();
        HubSubscription subscribed;
        try
        {
            await using LdapConnection connection = await _sessions.OpenAsync(subscription, cancellationToken, pairing);
            subscribed = await FinishAsync(connection, subscription, pairing, cancellationToken);
            approach.Report("bind", $"logged on as {await connection.WhoAmIAsync(cancellationToken)}");
        }
        catch (Exception e) when (pairing.MayBeProven)
        {
            // The account may be the only one that the edge knows now: to forget it here would need a new file.
            throw new SubscriptionException(
                $"edge {subscription.Name} has taken this hub in, but the import did not come to its end: {e.Message}",
                $"Nothing is to be repeated: the next cycle, or 'postern sync start --edge {subscription.Name}', finishes it.", e);
        }
        catch (Exception e)
        {
            await RestoreAsync(subscription.Name, previous, previousForEdge, previousCredentials);
            if (e is LdapConnectionException lost)
            {
                throw new SubscriptionException($"edge {subscription.Name} at {subscription.EdgeAddress}: {lost.Message}", lost.Hint, e);
            }

            throw;
        }

        _forgottenBy.TryRemove(subscription.Name, out _);
        Imported?.Invoke();
        return subscribed;
    }

    /// <summary>Once the replication account works: the edge is this site's, it knows this hub's certificate, and what the other hubs have is forgotten.</summary>
    private async Task<HubSubscription> FinishAsync(LdapConnection connection, HubSubscription subscription, Pairing pairing, CancellationToken cancellationToken)
    {
        if (await EdgeOwner.OfAsync(organization, subscription.Site, cancellationToken) is { } owner && await owner.ClaimAsync(connection, cancellationToken) is { } other)
        {
            pairing.MayBeProven = false;
            throw await RefuseAsync(connection, subscription, other, cancellationToken);
        }

        // From now on the pair heals by itself, also when this hub never looks at the topology (--no-schedule).
        await HubTrustEntry.PutAsync(connection, hub.Name, [.. hub.Keys.Select(one => new ReadOnlyMemory<byte>(one.RawData))], cancellationToken);

        // That was for the subscription before.
        await Credentials.Servers.ForgetEdgeAsync(subscription.Name, but: hub.Name, cancellationToken);
        return await MarkSubscribedAsync(subscription, cancellationToken);
    }

    public async Task<IReadOnlyList<HubSubscription>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await ListAllAsync(cancellationToken)).Where(one => Site is null || IsSame(one.Site, Site))];

    private async Task<List<HubSubscription>> ListAllAsync(CancellationToken cancellationToken)
    {
        SearchRequest request = new(OrganizationLayout.Subscriptions, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.Subscription), ["*"]);
        List<HubSubscription> subscriptions = [];
        await foreach (LdapEntry entry in organization.SearchAsync(request, cancellationToken))
        {
            subscriptions.Add(HubSubscriptionEntry.Read(entry));
        }

        subscriptions.Sort((a, b) => string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase));
        return subscriptions;
    }

    public async Task<HubSubscription?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(subscription => IsSame(subscription.Name, name));

    private async Task<HubSubscription?> FindInAnySiteAsync(string name, CancellationToken cancellationToken) =>
        (await ListAllAsync(cancellationToken)).FirstOrDefault(subscription => IsSame(subscription.Name, name));

    /// <summary>One edge, or all.</summary>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    internal async Task<IReadOnlyList<HubSubscription>> SelectAsync(string? name, CancellationToken cancellationToken) =>
        name is null ? await ListAsync(cancellationToken) : [await FindAsync(name, cancellationToken) ?? throw NotSubscribed(name)];

    /// <summary>Dials an edge under another address from now on: it, or its port, changed, or there is NAT before it. What is dialled and what
    /// the edge is called have nothing to do with each other, and the pin says whether it is the same edge.</summary>
    /// <param name="untried">Do not walk the way there first.</param>
    /// <exception cref="SubscriptionException">No such subscription, no address, or the edge is not there.</exception>
    public async Task<HubSubscription> SetAddressAsync(string name, string address, bool untried = false, IProgress<Finding>? steps = null, CancellationToken cancellationToken = default)
    {
        HubSubscription subscription = (await FindAsync(name, cancellationToken) ?? throw NotSubscribed(name)) with { EdgeAddress = CheckAddress(address) };
        if (!untried)
        {
            await new EdgeApproach(subscription, steps, time).WalkAsync($"subscription set {subscription.Name}", cancellationToken);
        }

        (await organization.ModifyAsync(HubSubscriptionEntry.ToAddress(subscription.Name, subscription.EdgeAddress), cancellationToken)).ThrowIfFailed($"store subscription {subscription.Name}");
        return subscription;
    }

    /// <summary>Why an edge knew this hub no more when it last was dialled, by its account or by its certificate; null when it did.</summary>
    public string? ForgottenBy(string edge) => _forgottenBy.GetValueOrDefault(edge);

    /// <summary>Ends a subscription. Tries to delete this hub's accounts on the edge; the result says when it could not.</summary>
    /// <exception cref="SubscriptionException">No such subscription.</exception>
    public async Task<SubscriptionRemoval> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        HubSubscription subscription = await FindAsync(name, cancellationToken) ?? throw NotSubscribed(name);
        using IDisposable configuration = await LockAsync(subscription.Name, SyncType.Configuration, cancellationToken);
        using IDisposable recipients = await LockAsync(subscription.Name, SyncType.Recipients, cancellationToken);
        int deleted = 0;
        string? warning = null;
        try
        {
            deleted = await DeleteAccountsAsync(subscription, cancellationToken);
        }
        catch (Exception e) when (e is LdapConnectionException or LdapException or SubscriptionException)
        {
            warning = $"The accounts of this hub on edge {subscription.Name} could not be deleted: {e.Message}. Run 'postern subscription remove {subscription.Name}' on the edge.";
        }

        (await organization.DeleteAsync(new DelRequest(HubSubscriptionEntry.Dn(subscription.Name)), cancellationToken)).ThrowIfFailed($"delete subscription {subscription.Name}");
        await Credentials.Servers.ForgetEdgeAsync(subscription.Name, but: null, cancellationToken);
        return new SubscriptionRemoval(subscription.Name, deleted, 0, warning);
    }

    /// <summary>A session as the replication account. Pairs first when an import was interrupted.</summary>
    internal async Task<LdapConnection> OpenAsync(HubSubscription subscription, CancellationToken cancellationToken)
    {
        if (Barred is { } why)
        {
            throw new SubscriptionException(why, "Start it again if it shall take part; it then joins anew.");
        }

        LdapConnection connection;
        try
        {
            connection = await _sessions.OpenAsync(subscription, cancellationToken);
        }
        catch (SubscriptionException e) when (e.IsForgotten)
        {
            _forgottenBy[subscription.Name] = e.Message;
            throw;
        }

        _forgottenBy.TryRemove(subscription.Name, out _);
        if (subscription.State == SubscriptionState.Subscribed)
        {
            return connection;
        }

        try
        {
            await FinishAsync(connection, subscription, new Pairing(), cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="SubscriptionException">This hub has none.</exception>
    internal async Task<AddressHashKey> AddressKeyAsync(string edge, CancellationToken cancellationToken) =>
        (await Credentials.ReadAsync(edge, cancellationToken)).ToAddressKey() ?? throw _sessions.NoCredentials(edge);

    /// <returns>False when another hub has moved them meanwhile.</returns>
    /// <exception cref="LdapException">The organization directory refused.</exception>
    internal async Task<bool> MovePinsAsync(HubSubscription subscription, EdgePins after, CancellationToken cancellationToken)
    {
        LdapResult result = await organization.ModifyAsync(HubSubscriptionEntry.ToMove(subscription.Name, subscription.Pins, after), cancellationToken);
        if (result.Code is LdapResultCode.NoSuchAttribute or LdapResultCode.NoSuchObject or LdapResultCode.AttributeOrValueExists or LdapResultCode.ConstraintViolation)
        {
            return false;
        }

        result.ThrowIfFailed($"store the certificates of edge {subscription.Name}");
        return true;
    }

    /// <summary>One at a time per edge and type.</summary>
    internal Task<IDisposable> LockAsync(string edge, SyncType type, CancellationToken cancellationToken) => _turns.TakeAsync((edge.ToUpperInvariant(), type), cancellationToken);

    /// <summary>What is said of an edge that nobody subscribed here.</summary>
    public static SubscriptionException NotSubscribed(string name) =>
        new($"there is no subscription {name} on this hub", "`postern subscription list` shows those that there are") { IsMissing = true };

    private void CheckTimes(SubscriptionFile file)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now >= file.ExpiresAt)
        {
            throw new SubscriptionException(
                $"the subscription file of {file.EdgeServerName} expired at {file.ExpiresAt:u}; it is now {now:u}",
                "Make a new one on the edge with 'postern subscription new --force'.");
        }

        if (file.EffectiveDate > now + ClockTolerance)
        {
            throw new SubscriptionException(
                $"the subscription file of {file.EdgeServerName} takes effect at {file.EffectiveDate:u}; it is now {now:u}",
                "Set the clocks of hub and edge; NTP keeps them together.");
        }
    }

    /// <summary>Leaves the edge without an account of ours. Its bootstrap account is used.</summary>
    private async Task<SubscriptionException> RefuseAsync(LdapConnection connection, HubSubscription subscription, string owner, CancellationToken cancellationToken)
    {
        string edge = subscription.Name;
        await DeleteCredentialsAsync(connection, name => IsSame(name, hub.Name) || (EdgeNames.TryGetHub(name, out string owned) && IsSame(owned, hub.Name)), cancellationToken);
        return new SubscriptionException(
            $"edge {edge} belongs to {owner}, not to site {subscription.Site} of this one; its file is used up, nothing else was changed there",
            $"To give it to this organization, run 'postern subscription remove {edge}' on the edge, which deletes what it has, then 'postern subscription new' there and import that file here. "
            + "To leave it where it is, import a file of 'postern subscription new --force' on a hub of its owner.");
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string CheckAddress(string dialled) =>
        LdapEndpoint.TryParse($"ldaps://{dialled}", out LdapEndpoint? endpoint, out _) && dialled.EndsWith($":{endpoint.Port}", StringComparison.Ordinal)
            ? dialled
            : throw new SubscriptionException($"'{dialled}' is not an address to dial", "Write HOST:PORT, e.g. 192.0.2.7:50636.");

    private static string CheckSite(string site) =>
        site.Trim() is { Length: > 0 and <= SiteServer.MaxSite } name ? name : throw new SubscriptionException(
            $"the name of the site has {site.Trim().Length} characters", $"Name the site with --site: 1 to {SiteServer.MaxSite} characters.");

    private async Task StoreAsync(HubSubscription? previous, HubSubscription subscription, CancellationToken cancellationToken)
    {
        List<IUpdateOperation> operations = [];
        if (previous is not null)
        {
            operations.Add(new DelRequest(HubSubscriptionEntry.Dn(previous.Name)));
        }

        operations.Add(HubSubscriptionEntry.ToAdd(subscription));
        BatchResult stored = await organization.BatchAsync(operations, cancellationToken);
        stored.Result.ThrowIfFailed($"store subscription {subscription.Name}");
    }

    private async Task RestoreAsync(string name, HubSubscription? previous, IReadOnlyList<StoredCredential> forEdge, IReadOnlyList<StoredCredential> credentials)
    {
        // Not cancelled with the import: a half import would be tried again at every cycle.
        await organization.DeleteAsync(new DelRequest(HubSubscriptionEntry.Dn(name)), CancellationToken.None);
        if (previous is not null)
        {
            AddRequest again = HubSubscriptionEntry.ToAdd(previous);
            LdapAttribute[] records = forEdge.Count == 0 ? [] : [new LdapAttribute(PosternAttributes.EdgeSyncCredential, [.. forEdge.Select(one => one.Octets)])];
            await organization.AddAsync(new AddRequest(again.Dn, [.. again.Attributes, .. records]), CancellationToken.None);
        }

        await Credentials.RestoreAsync(name, credentials);
    }

    private async Task<HubSubscription> MarkSubscribedAsync(HubSubscription subscription, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        (await organization.ModifyAsync(HubSubscriptionEntry.ToSubscribed(subscription.Name, now), cancellationToken)).ThrowIfFailed($"store subscription {subscription.Name}");
        return subscription with { State = SubscriptionState.Subscribed, SubscribedTime = now };
    }

    private async Task<int> DeleteAccountsAsync(HubSubscription subscription, CancellationToken cancellationToken)
    {
        await using LdapConnection connection = await _sessions.OpenAsync(subscription, cancellationToken);
        // The edge may go to another site or organization.
        (await connection.ModifyAsync(EdgeOwner.ToRelease(), cancellationToken)).ThrowIfFailed($"release edge {subscription.Name}");
        return await DeleteCredentialsAsync(connection, _ => true, cancellationToken);
    }

    /// <summary>Credentials and certificates of hubs, and with them their accounts.</summary>
    /// <param name="which">By the names of accounts and hubs.</param>
    private static async Task<int> DeleteCredentialsAsync(LdapConnection edge, Func<string, bool> which, CancellationToken cancellationToken)
    {
        List<DelRequest> operations = [];
        int accounts = 0;
        await foreach (LdapEntry entry in edge.SearchAsync(new SearchRequest(EdgeLayout.Credentials, SearchScope.SingleLevel, Filter.Anything, ["objectClass"]), cancellationToken))
        {
            if (!which(DistinguishedName.Parse(entry.Dn).Rdn.Parts[0].Value))
            {
                continue;
            }

            operations.Add(new DelRequest(entry.Dn));
            accounts += entry.Strings("objectClass").Contains(PosternClasses.Credential, StringComparer.OrdinalIgnoreCase) ? 1 : 0;
        }

        (await edge.BatchAsync(operations, cancellationToken)).Result.ThrowIfFailed("delete the credentials");
        return accounts;
    }
}
