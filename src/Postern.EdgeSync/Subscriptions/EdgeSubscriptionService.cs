using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>The edge's side of its Edge Subscription.</summary>
public sealed class EdgeSubscriptionService(
    DirectoryEngine engine, CertificateStore certificates, EdgePaths paths, TimeProvider time, ILogger<EdgeSubscriptionService>? log = null) : IDisposable
{
    private const string CertificateName = "edge-cert";

    /// <summary>The bootstrap account takes effect this long before its file: the hub's clock counts for nothing here, rounding does.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    private readonly IDirectory _directory = engine.As(Principal.System);
    private readonly SemaphoreSlim _one = new(1, 1);
    private AddressHashKey? _addressKey;

    /// <summary>The slots of Edge-Cert.</summary>
    public NodeCertificates Certificates { get; } = CertificateLog.Follow(new NodeCertificates(certificates, CertificateName, time), (ILogger?)log ?? NullLogger.Instance);

    /// <summary>Edge-Cert as it is now, or null before the first <see cref="EnsureCertificate"/>.</summary>
    public X509Certificate2? Certificate => Certificates.Current;

    /// <summary>The certificates that credentials may be sealed for, with their keys.</summary>
    public IReadOnlyList<X509Certificate2> Keys => Certificates.All;

    /// <summary>The key that addresses are hashed with; null while there was never a subscription. Kept in memory once read.</summary>
    public AddressHashKey? AddressKey => _addressKey ??= File.Exists(paths.AddressKeyFile) ? AddressHashKey.FromBytes(PrivateFile.Read(paths.AddressKeyFile)) : null;

    /// <summary>At the start of the edge: makes the fixed entries of its directory if they are missing, and tells hubs that what they remember
    /// of it may no longer be so.</summary>
    public async Task EnsureStructureAsync(CancellationToken cancellationToken = default)
    {
        await DirectoryStructure.EnsureEdgeAsync(_directory, cancellationToken);
        (await _directory.ModifyAsync(LeaseEntry.ToAdvance(), cancellationToken)).ThrowIfFailed("advance the fence");
    }

    /// <summary>Renews Edge-Cert.</summary>
    /// <param name="fqdn">What the edge's own certificates are made for.</param>
    /// <param name="algorithm">Key of the first one.</param>
    public NodeRotation Rotation(string fqdn, KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256, CertificateTimetable? timetable = null) =>
        new(Certificates, fqdn, algorithm, timetable ?? new CertificateTimetable(), time, (ILogger?)log ?? NullLogger.Instance);

    /// <summary>Edge-Cert, made if there is none yet.</summary>
    public X509Certificate2 EnsureCertificate(string fqdn, KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) => Rotation(fqdn, algorithm).Ensure();

    /// <summary>Ends all that hubs can log on with: a key that opens their credentials is known to others. The data stays.</summary>
    internal async Task EndAccountsAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await DeleteAsync([.. await NamesAsync(EdgeLayout.Credentials, cancellationToken), .. await AccountsAsync(cancellationToken)], cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Makes what a hub needs to subscribe; the caller writes the file.</summary>
    /// <exception cref="SubscriptionException">There is a subscription and no force; or a bad name, port or duration.</exception>
    public async Task<SubscriptionFile> NewAsync(NewSubscriptionOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        await _one.WaitAsync(cancellationToken);
        try
        {
            await DirectoryStructure.EnsureEdgeAsync(_directory, cancellationToken);
            string name = options.EdgeName ?? EdgeNames.ShortName(options.Fqdn);
            List<IUpdateOperation> operations = [];
            if (await FindAsync(cancellationToken) is { } existing)
            {
                if (!options.Force)
                {
                    throw new SubscriptionException(
                        existing.State switch
                        {
                            SubscriptionState.Subscribed => $"edge {existing.Name} is subscribed to hub {existing.Hub}",
                            SubscriptionState.Orphaned => $"edge {existing.Name} was subscribed to hub {existing.Hub}, which has no credentials here any more",
                            _ => $"a subscription file of edge {existing.Name} was made before",
                        },
                        "With --force a new file is made: the accounts of the old one end, the replicated data stays.");
                }

                operations.Add(new DelRequest(EdgeLayout.Subscription));
            }

            operations.AddRange((await AccountsAsync(cancellationToken)).Select(dn => new DelRequest(dn)));
            operations.AddRange((await NamesAsync(EdgeLayout.Credentials, cancellationToken)).Select(dn => new DelRequest(dn)));
            DateTimeOffset now = WholeSeconds(time.GetUtcNow());
            string account = EdgeNames.BootstrapAccount(name);
            string password = AccountSecrets.NewPassword();
            operations.Add(AccountEntry.ToAdd(account, password, AccountEntry.BootstrapRole, now - Rounding, now + options.Duration));
            operations.Add(EdgeSubscriptionEntry.ToAdd(name, options.Fqdn));
            operations.Add(LeaseEntry.ToBreak()); // whoever had the lease has no account any more

            X509Certificate2 certificate = EnsureCertificate(options.Fqdn, options.KeyAlgorithm);
            if (AddressKey is null)
            {
                // Data that was hashed with a key that is lost knows nobody by the new one: without this, all mail would be rejected until the
                // next synchronization, not deferred.
                await DeleteAsync(await StatesAsync(cancellationToken), cancellationToken);
            }

            AddressHashKey key = EnsureAddressKey();
            (await _directory.BatchAsync(operations, cancellationToken)).Result.ThrowIfFailed("store the new subscription");
            return new SubscriptionFile
            {
                EdgeServerName = name,
                EdgeServerFqdn = options.Fqdn,
                EdgeCertificateBlob = certificate.RawData,
                EsraUsername = account,
                EsraPassword = password,
                EffectiveDate = now,
                Duration = options.Duration,
                AdamSslPort = options.AdamSslPort,
                SerialNumber = $"Postern {typeof(EdgeSubscriptionService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}",
                AddressHashKey = key,
            };
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The edge's subscription, or null.</summary>
    public async Task<EdgeSubscription?> FindAsync(CancellationToken cancellationToken = default)
    {
        LdapEntry? subscription = await _directory.FindAsync(EdgeLayout.Subscription, cancellationToken);
        if (subscription is null)
        {
            return null;
        }

        DateTimeOffset? expires = null;
        await foreach (LdapEntry bootstrap in SearchAsync(EdgeLayout.Accounts, Filter.Equal(PosternAttributes.Role, AccountEntry.BootstrapRole), cancellationToken))
        {
            expires = bootstrap.Find(PosternAttributes.UsedTime) is null ? SyncStateEntry.ReadTime(bootstrap, PosternAttributes.ExpirationTime) : null;
        }

        List<ReplicationState> states = [];
        await foreach (LdapEntry state in SearchAsync(EdgeLayout.Synchronization, Filter.Equal("objectClass", PosternClasses.SyncState), cancellationToken))
        {
            states.Add(new ReplicationState(
                state.FirstString("cn") ?? state.Dn, SyncStateEntry.ReadTime(state, PosternAttributes.LastSync), state.FirstString(PosternAttributes.Hub)));
        }

        EdgeSubscription found = EdgeSubscriptionEntry.Read(subscription, expires, states);
        return found.State == SubscriptionState.Subscribed
            && (await NamesAsync(EdgeLayout.Credentials, cancellationToken)).Count == 0
            ? found with { State = SubscriptionState.Orphaned }
            : found;
    }

    /// <summary>Ends the subscription: accounts and readiness first, then replicated data in batches, the subscription itself last, so that
    /// a removal that was interrupted can be repeated. The address key goes too: it has no use without the data.</summary>
    /// <param name="progress">Entries deleted so far.</param>
    /// <exception cref="SubscriptionException">No such subscription.</exception>
    public async Task<SubscriptionRemoval> RemoveAsync(string name, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (await FindAsync(cancellationToken) is not { } subscription || !string.Equals(subscription.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                throw new SubscriptionException($"there is no subscription {name} on this edge", "`postern subscription list` shows the one that there is") { IsMissing = true };
            }

            List<string> accounts = await AccountsAsync(cancellationToken);
            List<string> states = await StatesAsync(cancellationToken);
            await DeleteAsync([.. await NamesAsync(EdgeLayout.Credentials, cancellationToken), .. accounts, .. states], cancellationToken);
            await BreakLeaseAsync(cancellationToken);
            (await _directory.ModifyAsync(EdgeOwner.ToRelease(), cancellationToken)).ThrowIfFailed("release the edge");
            long deleted = 0;
            foreach (ConfigurationClass kind in ConfigurationClasses.All)
            {
                // What the edge made itself stays: no hub has replaced it yet.
                deleted += await PurgeAsync(kind.EdgeDn, new PresentFilter(PosternAttributes.Source), deleted, progress, cancellationToken);
            }

            deleted += await PurgeAsync(EdgeLayout.Recipients, Filter.Anything, deleted, progress, cancellationToken);

            // A batch that a hub had on its way when its account went may have told of a complete synchronization meanwhile.
            await DeleteAsync(await StatesAsync(cancellationToken), cancellationToken);
            await DeleteAsync([EdgeLayout.Subscription], cancellationToken);
            File.Delete(paths.AddressKeyFile);
            _addressKey = null;
            return new SubscriptionRemoval(subscription.Name, accounts.Count, deleted, null);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _one.Dispose();
    }

    private AddressHashKey EnsureAddressKey()
    {
        if (AddressKey is { } there)
        {
            return there;
        }

        AddressHashKey made = AddressHashKey.Generate();
        PrivateFile.CreateFolder(paths.KeysFolder);
        PrivateFile.CreateNew(paths.AddressKeyFile, made.ToBytes());
        return _addressKey = made;
    }

    private async Task<long> PurgeAsync(string container, Filter filter, long before, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        const int batchSize = 1000;
        List<string> names = await NamesAsync(container, cancellationToken, filter);
        for (int i = 0; i < names.Count; i += batchSize)
        {
            await DeleteAsync(names.GetRange(i, Math.Min(batchSize, names.Count - i)), cancellationToken);
            progress?.Report(before + Math.Min(i + batchSize, names.Count));
        }

        return names.Count;
    }

    private async Task DeleteAsync(List<string> names, CancellationToken cancellationToken)
    {
        if (names.Count > 0)
        {
            BatchResult result = await _directory.BatchAsync([.. names.Select(dn => new DelRequest(dn))], cancellationToken);
            result.Result.ThrowIfFailed($"delete {names.Count} entries, the first {names[0]}");
        }
    }

    /// <summary>Those of the subscription; accounts that an operator made are none of its business.</summary>
    private async Task<List<string>> AccountsAsync(CancellationToken cancellationToken)
    {
        List<string> names = [];
        await foreach (LdapEntry entry in SearchAsync(EdgeLayout.Accounts, Filter.Anything, cancellationToken))
        {
            if (AccountEntry.IsOfSubscription(entry))
            {
                names.Add(entry.Dn);
            }
        }

        return names;
    }

    /// <summary>Of synchronization: everything below its container, but the lease and the container of held deletions stay as long as the edge.</summary>
    private async Task<List<string>> StatesAsync(CancellationToken cancellationToken)
    {
        List<string> names = await NamesAsync(EdgeLayout.Synchronization, cancellationToken);
        names.RemoveAll(dn => string.Equals(dn, EdgeLayout.Lease, StringComparison.OrdinalIgnoreCase) || string.Equals(dn, EdgeLayout.Held, StringComparison.OrdinalIgnoreCase));
        return [.. await NamesAsync(EdgeLayout.Held, cancellationToken), .. names];
    }

    private async Task BreakLeaseAsync(CancellationToken cancellationToken) =>
        (await _directory.BatchAsync([LeaseEntry.ToBreak()], cancellationToken)).Result.ThrowIfFailed("break the lease");

    private async Task<List<string>> NamesAsync(string container, CancellationToken cancellationToken, Filter? filter = null)
    {
        List<string> names = [];
        await foreach (LdapEntry entry in _directory.SearchAsync(new SearchRequest(container, SearchScope.SingleLevel, filter ?? Filter.Anything, ["1.1"]), cancellationToken))
        {
            names.Add(entry.Dn);
        }

        return names;
    }

    private IAsyncEnumerable<LdapEntry> SearchAsync(string container, Filter filter, CancellationToken cancellationToken) =>
        _directory.SearchAsync(new SearchRequest(container, SearchScope.SingleLevel, filter, ["*"]), cancellationToken);

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
