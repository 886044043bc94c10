using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;

namespace Postern.EdgeSync.Credentials;

/// <summary>
/// This hub's own credentials (fact sheet 3). It makes an account for itself and each edge, and seals it twice: on its own entry for
/// itself, on the edge's entry for the edge. Nothing of it is anywhere in clear but in memory. No other hub can use it, and a copy of the
/// organization directory is of use to nobody.
/// </summary>
internal sealed class HubCredentials(IDirectory organization, HubServers servers, HubIdentity hub, CredentialTimetable timetable, TimeProvider time, ILogger log)
{
    /// <summary>Records that were opened, by their octets: opening one costs a private key operation. They are few: two accounts per edge.</summary>
    private const int MaxOpened = 10_000;

    private readonly ConcurrentDictionary<string, string> _opened = new(StringComparer.Ordinal);
    private readonly Turns<string> _changing = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The account that this hub logged on to an edge with last.</summary>
    private readonly ConcurrentDictionary<string, string> _served = new(StringComparer.OrdinalIgnoreCase);

    public HubServers Servers => servers;

    public HubIdentity Hub => hub;

    public CredentialTimetable Timetable => timetable;

    /// <summary>What this hub has for the edge now. What cannot be opened is left out, and said.</summary>
    /// <exception cref="LdapException">The organization directory cannot be read.</exception>
    public async Task<EdgeSecrets> ReadAsync(string edge, CancellationToken cancellationToken) => Open(await SelfAsync(cancellationToken), edge);

    /// <summary>An account has served: those that are over may go.</summary>
    public void Served(string edge, string account) => _served[edge] = account;

    /// <summary>At an import: what the file says, and a first account, in the place of everything that was there.</summary>
    /// <returns>What was there, for <see cref="RestoreAsync"/>.</returns>
    public async Task<IReadOnlyList<StoredCredential>> PrepareAsync(SubscriptionFile file, CancellationToken cancellationToken)
    {
        using IDisposable alone = await AloneAsync(file.EdgeServerName, cancellationToken);
        HubServer self = await EnsureSelfAsync(cancellationToken);
        StoredCredential[] before = Of(self, file.EdgeServerName);
        DateTimeOffset now = WholeSeconds(time.GetUtcNow());
        CredentialRecord form = Form(file.EdgeServerName, file.EdgeServerFqdn);
        CredentialRecord bootstrap = form with
        {
            Kind = CredentialKind.Bootstrap,
            SourceServer = "",
            SourceServerFqdn = "",
            EffectiveTime = file.EffectiveDate,
            ExpirationTime = file.ExpiresAt,
            UserName = file.EsraUsername,
        };
        CredentialRecord[] made =
        [
            CredentialRecord.Seal(bootstrap, file.EsraPassword, hub.Certificate),
            SealAddressKey(form, Convert.ToBase64String(file.AddressHashKey.ToBytes()), hub.Certificate),
            NewAccount(form, [.. before.Select(one => one.Record).OfType<CredentialRecord>()], now),
        ];
        await CredentialValues.ChangeAsync(organization, self.Dn, before, made, $"store the credentials for edge {file.EdgeServerName}", cancellationToken);
        return before;
    }

    /// <summary>The import failed: all is as before.</summary>
    public async Task RestoreAsync(string edge, IReadOnlyList<StoredCredential> before)
    {
        using IDisposable alone = await AloneAsync(edge, CancellationToken.None);
        HubServer self = await SelfAsync(CancellationToken.None) ?? throw Missing();
        await CredentialValues.ChangeAsync(
            organization, self.Dn, Of(self, edge), [.. before.Select(one => one.Record).OfType<CredentialRecord>()], $"restore the credentials for edge {edge}", CancellationToken.None);
    }

    /// <summary>
    /// Makes the account that is missing or due, drops what has expired, and seals anew what is sealed for a certificate that is not the one
    /// in use: on this hub's entry for this hub, on the edge's entry for the edge. Costs two searches when there is nothing to do.
    /// </summary>
    /// <exception cref="LdapException">The organization directory cannot be read or written.</exception>
    public async Task RenewAsync(HubSubscription edge, CancellationToken cancellationToken)
    {
        using IDisposable alone = await AloneAsync(edge.Name, cancellationToken);
        await RenewAloneAsync(edge, cancellationToken);
    }

    private async Task RenewAloneAsync(HubSubscription edge, CancellationToken cancellationToken)
    {
        // Not made here: a hub that was removed does not come back by itself.
        HubServer self = await SelfAsync(cancellationToken) ?? throw Missing();
        DateTimeOffset now = WholeSeconds(time.GetUtcNow());
        List<StoredCredential> gone = [];
        List<CredentialRecord> added = [];
        List<(CredentialRecord Record, string Secret)> accounts = [];
        foreach (StoredCredential stored in Of(self, edge.Name))
        {
            CredentialRecord record = stored.Record!;
            if (TryOpen(record, edge.Name) is not { } secret)
            {
                // The right files of the certificate may come back; an address key that nobody can open is replaced by the hub that has it.
                if (record.Kind == CredentialKind.Replication && HasAnotherServed(record, edge.Name))
                {
                    gone.Add(stored);
                }

                continue;
            }

            if (record.Kind == CredentialKind.Replication && IsOver(record, edge.Name, now))
            {
                gone.Add(stored);
                continue;
            }

            if (!record.IsSealedFor(hub.Certificate))
            {
                gone.Add(stored);
                added.Add(CredentialRecord.Seal(record, secret, hub.Certificate));
            }

            if (record.Kind == CredentialKind.Replication)
            {
                accounts.Add((record, secret));
            }
        }

        CredentialRecord? newest = accounts.Select(one => one.Record).MaxBy(record => record.EffectiveTime);
        bool hasOne = accounts.Exists(one => one.Record.EffectiveTime <= now);
        if (newest is null || !hasOne || now >= newest.ExpirationTime - timetable.SuccessorBefore)
        {
            DateTimeOffset effective = hasOne && newest?.ExpirationTime - timetable.EffectiveBefore is { } later && later > now ? later : now;
            CredentialRecord made = NewAccount(Form(edge.Name, edge.EdgeFqdn), [.. Of(self, edge.Name).Select(one => one.Record!)], effective);
            added.Add(made);
            accounts.Add((made, made.Open(hub.Keys)));
            CredentialLog.Made(log, edge.Name, made.UserName, made.EffectiveTime, made.ExpirationTime!.Value);
        }

        await CredentialValues.ChangeAsync(organization, self.Dn, gone, added, $"store the credentials for edge {edge.Name}", cancellationToken);
        await SealForEdgeAsync(edge, accounts, cancellationToken);
    }

    /// <summary>A new account in the place of all that this hub has for the edge: somebody else may have opened those.</summary>
    /// <returns>What the edge is to install.</returns>
    /// <exception cref="LdapException">The organization directory cannot be read or written.</exception>
    public async Task<CredentialRecord> ReplaceAccountsAsync(HubSubscription edge, CancellationToken cancellationToken)
    {
        using IDisposable alone = await AloneAsync(edge.Name, cancellationToken);
        HubServer self = await SelfAsync(cancellationToken) ?? throw Missing();
        StoredCredential[] old = [.. Of(self, edge.Name).Where(stored => stored.Record is null or { Kind: CredentialKind.Replication })];
        CredentialRecord made = NewAccount(Form(edge.Name, edge.EdgeFqdn), [.. old.Select(stored => stored.Record).OfType<CredentialRecord>()], WholeSeconds(time.GetUtcNow()));
        await CredentialValues.ChangeAsync(organization, self.Dn, old, [made], $"replace the credentials for edge {edge.Name}", cancellationToken);
        CredentialLog.Made(log, edge.Name, made.UserName, made.EffectiveTime, made.ExpirationTime!.Value);
        await SealForEdgeAsync(edge, [(made, made.Open(hub.Keys))], cancellationToken);
        return await ForEdgeAsync(edge, made.UserName, cancellationToken);
    }

    /// <summary>The record that the edge is to install for an account of this hub, as it stands on the edge's entry.</summary>
    public async Task<CredentialRecord> ForEdgeAsync(HubSubscription edge, string account, CancellationToken cancellationToken) =>
        (await ForEdgeAsync(edge, cancellationToken)).Select(one => one.Record).OfType<CredentialRecord>()
            .FirstOrDefault(record => Same(record.UserName, account))
        ?? throw new SubscriptionException($"account {account} is not sealed for edge {edge.Name}", $"It is made within minutes; if not, subscribe {edge.Name} anew.");

    /// <summary>The subscription as it is now: another hub, or a look at the edge, may have moved its pins.</summary>
    public async Task<HubSubscription?> ReadSubscriptionAsync(string edge, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in organization.SearchAsync(SearchRequest.ReadEntry(HubSubscriptionEntry.Dn(edge), "*"), cancellationToken))
            {
                return HubSubscriptionEntry.Read(entry);
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return null;
    }

    /// <summary>Those of all hubs.</summary>
    public async Task<IReadOnlyList<StoredCredential>> ForEdgeAsync(HubSubscription edge, CancellationToken cancellationToken)
    {
        await foreach (LdapEntry entry in organization.SearchAsync(SearchRequest.ReadEntry(HubSubscriptionEntry.Dn(edge.Name), Mail.PosternAttributes.EdgeSyncCredential), cancellationToken))
        {
            return CredentialValues.Read(entry);
        }

        return [];
    }

    /// <summary>A replication account works: the bootstrap password has no use any more.</summary>
    public async Task ForgetBootstrapAsync(string edge, CancellationToken cancellationToken)
    {
        using IDisposable alone = await AloneAsync(edge, cancellationToken);
        if (await SelfAsync(cancellationToken) is { } self)
        {
            await CredentialValues.ChangeAsync(
                organization, self.Dn, [.. Of(self, edge).Where(one => one.Record?.Kind == CredentialKind.Bootstrap)], [], $"forget the bootstrap account of edge {edge}", cancellationToken);
        }
    }

    /// <summary>Leaves the address key of an edge on the entry of another hub, sealed for it, unless it is there.</summary>
    /// <returns>Whether it was missing.</returns>
    public async Task<bool> ShareAddressKeyAsync(HubSubscription edge, HubServer other, string addressKey, CancellationToken cancellationToken)
    {
        using X509Certificate2 owner = X509CertificateLoader.LoadCertificate(other.Certificate!.Value.Span);
        CredentialRecord sealedKey = SealAddressKey(
            Form(edge.Name, edge.EdgeFqdn) with { SourceServer = other.Name, SourceServerFqdn = other.Fqdn }, addressKey, owner);
        StoredCredential[] before = [.. other.Credentials.Where(one => one.Record is { Kind: CredentialKind.AddressKey } record && record.IsFor(edge.Name))];
        if (before is [{ Record: { } there }] && there.UserName == sealedKey.UserName && there.CertificateSha256 == sealedKey.CertificateSha256)
        {
            return false;
        }

        await CredentialValues.ChangeAsync(organization, other.Dn, before, [sealedKey], $"seal the address key of edge {edge.Name} for hub {other.Name}", cancellationToken);
        return true;
    }

    private async Task SealForEdgeAsync(HubSubscription edge, List<(CredentialRecord Record, string Secret)> accounts, CancellationToken cancellationToken)
    {
        using X509Certificate2 owner = X509CertificateLoader.LoadCertificate(edge.Pins.Sealing.Span);
        StoredCredential[] there = [.. (await ForEdgeAsync(edge, cancellationToken)).Where(one => one.Record?.IsOf(hub.Name) == true)];
        bool IsGood(StoredCredential one) => one.Record!.IsSealedFor(owner) && accounts.Exists(account => Same(account.Record, one.Record));
        CredentialRecord[] missing =
            [.. accounts.Where(account => !there.Any(one => IsGood(one) && Same(account.Record, one.Record!))).Select(account => CredentialRecord.Seal(account.Record, account.Secret, owner))];
        await CredentialValues.ChangeAsync(
            organization, HubSubscriptionEntry.Dn(edge.Name), [.. there.Where(one => !IsGood(one))], missing, $"seal the credentials of hub {hub.Name} for edge {edge.Name}", cancellationToken);
    }

    /// <summary>Expired, or made while the clock was far ahead; but none goes before another one has served: it may be our clock that is wrong.</summary>
    private bool IsOver(CredentialRecord record, string edge, DateTimeOffset now) =>
        (record.HasExpired(now) || record.EffectiveTime > now + timetable.Lifetime)
        && HasAnotherServed(record, edge);

    private bool HasAnotherServed(CredentialRecord record, string edge) => _served.TryGetValue(edge, out string? served) && !Same(served, record.UserName);

    /// <summary>One change at a time to what this hub has for an edge: two that delete the same values would fail.</summary>
    private Task<IDisposable> AloneAsync(string edge, CancellationToken cancellationToken) => _changing.TakeAsync(edge, cancellationToken);

    private EdgeSecrets Open(HubServer? self, string edge)
    {
        List<AccountSecret> accounts = [];
        AccountSecret? bootstrap = null;
        string? key = null;
        foreach (CredentialRecord record in (self is null ? [] : Of(self, edge)).Select(one => one.Record).OfType<CredentialRecord>())
        {
            if (TryOpen(record, edge) is not { } secret)
            {
                continue;
            }

            AccountSecret account = new(record.UserName, secret, record.EffectiveTime, record.ExpirationTime);
            switch (record.Kind)
            {
                case CredentialKind.AddressKey:
                    key = secret;
                    break;
                case CredentialKind.Bootstrap:
                    bootstrap = account;
                    break;
                default:
                    accounts.Add(account);
                    break;
            }
        }

        return new EdgeSecrets([.. accounts.OrderByDescending(account => account.Effective)], bootstrap, key);
    }

    private string? TryOpen(CredentialRecord record, string edge)
    {
        string sealedText = Convert.ToHexString(SHA256.HashData(record.ToOctets()));
        if (_opened.TryGetValue(sealedText, out string? known))
        {
            return known;
        }

        try
        {
            string secret = record.Open(hub.Keys);
            if (_opened.Count >= MaxOpened)
            {
                _opened.Clear();
            }

            return _opened[sealedText] = secret;
        }
        catch (CryptographicException e)
        {
            // Sealed for a certificate that this hub no longer has: it makes another account, and another hub seals the address key anew.
            CredentialLog.NotOpened(log, edge, record.UserName, e.Message);
            return null;
        }
    }

    /// <param name="others">Under other names than these: one that cannot be opened may still be in use on the edge.</param>
    private CredentialRecord NewAccount(CredentialRecord form, IReadOnlyList<CredentialRecord> others, DateTimeOffset effective)
    {
        int last = others.Where(one => one.Kind == CredentialKind.Replication).MaxBy(one => one.EffectiveTime) is { } newest ? newest.UserName[^1] - '0' : -1;
        CredentialRecord account = form with
        {
            EffectiveTime = effective,
            ExpirationTime = effective + timetable.Lifetime,
            UserName = EdgeNames.ReplicationAccount(hub.Name, (last + 1) % (EdgeNames.MaxAccountNumber + 1)),
        };
        return CredentialRecord.Seal(account, AccountSecrets.NewPassword(), hub.Certificate);
    }

    /// <summary>The key is 256 random bits, so its hash gives nothing away, and tells keys apart without opening records.</summary>
    private static CredentialRecord SealAddressKey(CredentialRecord form, string key, X509Certificate2 owner) => CredentialRecord.Seal(
        form with { Kind = CredentialKind.AddressKey, UserName = $"address-key-{Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(key)))[..16]}" }, key, owner);

    private CredentialRecord Form(string edge, string fqdn) => new(
        CredentialRecord.CurrentVersion, CredentialKind.Replication, edge, fqdn, hub.Name, hub.Fqdn, WholeSeconds(time.GetUtcNow()), null, "", "", []);

    private Task<HubServer?> SelfAsync(CancellationToken cancellationToken) => servers.FindAsync(hub.Name, cancellationToken);

    private async Task<HubServer> EnsureSelfAsync(CancellationToken cancellationToken)
    {
        if (await SelfAsync(cancellationToken) is { } self)
        {
            return self;
        }

        await servers.PublishAsync(hub, cancellationToken);
        return await SelfAsync(cancellationToken) ?? throw Missing();
    }

    private SubscriptionException Missing() =>
        new($"hub {hub.Name} has no entry in the organization directory", "Start the hub again: it makes its entry.");

    private static StoredCredential[] Of(HubServer server, string edge) => [.. server.Credentials.Where(one => one.Record?.IsFor(edge) == true)];

    private static bool Same(CredentialRecord one, CredentialRecord other) =>
        Same(one.UserName, other.UserName) && one.EffectiveTime == other.EffectiveTime && one.ExpirationTime == other.ExpirationTime;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
