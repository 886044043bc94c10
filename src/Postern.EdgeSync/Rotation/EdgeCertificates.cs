using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Rotation;

/// <summary>
/// On the edge: renews Edge-Cert. The next one is written to cn=subscription, where hubs read it in sessions that the current one
/// authenticated. They trust it then, seal their credentials for it and bring them: a credential that is sealed for the next certificate is
/// its hub's word that it trusts it. When all have said so the edge changes over. Nothing here waits for a person, and nothing is undone by a
/// restart at any moment.
/// </summary>
public sealed class EdgeCertificates(
    DirectoryEngine engine, EdgeSubscriptionService subscription, NodeRotation rotation, TimeProvider time, ILogger<EdgeCertificates> log) : ICertificateKeeper, IDisposable
{
    /// <summary>Between two looks, however much is written. Ours.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks when nothing is written, and after a failure: dates pass. Ours.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>One look: announce, change over, drop. More would be a loop.</summary>
    private const int MaxSteps = 3;

    /// <summary>Answers that are remembered: opening costs a private key operation. Two accounts per hub, for a while twice. Ours.</summary>
    private const int MaxOpened = 10_000;

    private readonly ConcurrentDictionary<string, bool> _opened = new(StringComparer.Ordinal);
    private readonly IDirectory _directory = engine.As(Principal.System);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CertificateAlarms _alarms = new(rotation.Timetable, time, log);

    /// <summary>Tells hubs of all certificates of this node; null: nobody does.</summary>
    public CertificateReporting? Reporting { get; init; }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            long seen = engine.Commits;
            TimeSpan pause = Pause;
            try
            {
                await LookAsync(cancellationToken);
                await WaitAsync(seen, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it is: certificates that nobody looks at any more end silently.
                CertificateLog.LookFailed(log, e.Message, time.GetUtcNow() + Longest);
                pause = Longest;
            }

            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Does what can be done now.</summary>
    /// <exception cref="LdapException">The directory cannot be read or written.</exception>
    public async Task LookAsync(CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await LookAloneAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<CertificateState> StateAsync(CancellationToken cancellationToken = default)
    {
        NodeCertificates certificates = rotation.Certificates;
        X509Certificate2 current = rotation.Ensure();
        X509Certificate2? next = certificates.Next;
        return new CertificateState(
            certificates.Name, current, next, certificates.Previous, certificates.Announced, certificates.Switched,
            next is null && CertificateKeys.IsSelfIssued(current) ? rotation.DueAt(current) : null,
            next is null ? [] : await WaitsForAsync(next, cancellationToken));
    }

    public async Task<CertificateState> RenewAsync(X509Certificate2? given, KeyAlgorithm? algorithm, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _ = given is null ? rotation.Renew(algorithm) : rotation.Renew(given);
            await LookAloneAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }

        return await StateAsync(cancellationToken);
    }

    public async Task<CertificateRevocation> RevokeAsync(X509Certificate2? given, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            string old = CertificatePin.Of(rotation.Ensure()).ToString();
            string[] hubs = await HubsAsync(cancellationToken);

            // First the key: whoever has the old one could still open what is brought.
            X509Certificate2 current = rotation.Revoke(given);
            await subscription.EndAccountsAsync(cancellationToken);
            await PublishAsync(cancellationToken);
            EdgeSubscription? one = await subscription.FindAsync(cancellationToken);
            List<BrokenPair> pairs =
                [.. hubs.Select(hub => new BrokenPair(one?.Name ?? "", hub, "must be paired anew", $"`postern subscription new --force` here, import the file on {hub} or any other hub of its site"))];
            if (pairs.Count == 0 && one is not null)
            {
                pairs.Add(new BrokenPair(one.Name, one.Hub ?? "", "a subscription file that is out names the old certificate", "`postern subscription new --force` here, and import that file"));
            }

            return new CertificateRevocation(rotation.Certificates.Name, old, current, pairs);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task LookAloneAsync(CancellationToken cancellationToken)
    {
        rotation.Ensure();
        for (int i = 0; i < MaxSteps; i++)
        {
            X509Certificate2? next = rotation.Certificates.Next;
            bool isAcknowledged = next is not null && (await WaitsForAsync(next, cancellationToken)).Count == 0;
            NodeStep step = rotation.NextStep(isAcknowledged, await IsPreviousFreeAsync(cancellationToken));
            if (step == NodeStep.None)
            {
                break;
            }

            rotation.Take(step);
        }

        await PublishAsync(cancellationToken);
        await (Reporting?.PublishAsync(cancellationToken) ?? Task.CompletedTask);
        _alarms.LookAtOwn(rotation.Certificates.Name, rotation.Certificates.Current!);
        foreach ((string hub, IReadOnlyList<ReadOnlyMemory<byte>> trusted) in await HubCertificatesAsync(cancellationToken))
        {
            _alarms.LookAtPeer($"hub {hub}", trusted);
        }
    }

    /// <summary>Brings cn=subscription in line with the slots; it is what hubs read.</summary>
    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (await _directory.FindAsync(EdgeLayout.Subscription, cancellationToken) is not { } entry)
        {
            return;
        }

        NodeCertificates certificates = rotation.Certificates;
        (string Attribute, X509Certificate2? Wanted)[] wanted =
        [
            (PosternAttributes.EdgeCertificate, certificates.Current), (PosternAttributes.NextCertificate, certificates.Next),
            (PosternAttributes.PreviousCertificate, certificates.Previous),
        ];
        Modification[] changes =
        [
            .. wanted.Where(one => !EdgeAnnouncements.Value(entry, one.Attribute).Span.SequenceEqual(one.Wanted is { } there ? there.RawDataMemory.Span : default))
                .Select(one => new Modification(ModificationType.Replace, one.Wanted is { } there ? new LdapAttribute(one.Attribute, there.RawData) : new LdapAttribute(one.Attribute, Array.Empty<ReadOnlyMemory<byte>>()))),
        ];
        if (changes.Length > 0)
        {
            LdapResult result = await _directory.ModifyAsync(new ModifyRequest(EdgeLayout.Subscription, changes), cancellationToken);
            if (result.Code != LdapResultCode.NoSuchObject)
            {
                result.ThrowIfFailed("announce the certificates");
            }
        }
    }

    /// <summary>Hubs that have not said that they trust it.</summary>
    private async Task<IReadOnlyList<WaitingPeer>> WaitsForAsync(X509Certificate2 next, CancellationToken cancellationToken)
    {
        if (await subscription.FindAsync(cancellationToken) is not { } one)
        {
            return []; // nobody trusts the current one either
        }

        DateTimeOffset now = time.GetUtcNow();
        if (one.State == SubscriptionState.Exported)
        {
            return one.BootstrapExpires > now
                ? [new WaitingPeer(one.Name, $"a subscription file that names the current certificate is out until {one.BootstrapExpires:u}; import it, or `postern subscription remove {one.Name}`")]
                : [];
        }

        CredentialRecord[] records = [.. (await CredentialsAsync(cancellationToken)).Where(record => !record.HasExpired(now))];
        if (records.Length == 0)
        {
            return [new WaitingPeer(one.Hub ?? one.Name, "no hub has a valid credential here: nobody could say that it trusts the next certificate")];
        }

        return
        [
            .. records.Where(record => !Acknowledges(record, next)).GroupBy(record => record.SourceServer, StringComparer.OrdinalIgnoreCase)
                .Select(hub => new WaitingPeer(hub.Key, $"{string.Join(", ", hub.Select(record => record.UserName))} sealed for another certificate")),
        ];
    }

    /// <summary>What a record says of the certificate that it is sealed for is its hub's word only if that opens it: nothing outside the seal is.</summary>
    private bool Acknowledges(CredentialRecord record, X509Certificate2 next)
    {
        if (!record.IsSealedFor(next))
        {
            return false;
        }

        string key = $"{CertificatePin.Of(next)} {Convert.ToHexString(SHA256.HashData(record.ToOctets()))}";
        if (_opened.TryGetValue(key, out bool isGood))
        {
            return isGood;
        }

        try
        {
            record.Open([next]);
            isGood = true;
        }
        catch (CryptographicException)
        {
            isGood = false;
        }

        if (_opened.Count >= MaxOpened)
        {
            _opened.Clear();
        }

        return _opened[key] = isGood;
    }

    private async Task<bool> IsPreviousFreeAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        return rotation.Certificates.Previous is not { } previous
            || !(await CredentialsAsync(cancellationToken)).Any(record => !record.HasExpired(now) && record.IsSealedFor(previous));
    }

    private async Task<IReadOnlyList<CredentialRecord>> CredentialsAsync(CancellationToken cancellationToken)
    {
        List<CredentialRecord> records = [];
        await foreach (LdapEntry entry in ChildrenAsync(PosternClasses.Credential, cancellationToken))
        {
            if (EdgeAnnouncements.Value(entry, PosternAttributes.EdgeSyncCredential) is { IsEmpty: false } octets && CredentialRecord.Read(octets.Span) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    private async Task<IReadOnlyList<(string Hub, IReadOnlyList<ReadOnlyMemory<byte>> Trusted)>> HubCertificatesAsync(CancellationToken cancellationToken)
    {
        List<(string, IReadOnlyList<ReadOnlyMemory<byte>>)> found = [];
        await foreach (LdapEntry entry in ChildrenAsync(PosternClasses.HubTrust, cancellationToken))
        {
            found.Add((entry.FirstString("cn") ?? "", HubTrustEntry.Read(entry)));
        }

        return found;
    }

    private async Task<string[]> HubsAsync(CancellationToken cancellationToken) =>
    [
        .. (await CredentialsAsync(cancellationToken)).Select(record => record.SourceServer).Concat((await HubCertificatesAsync(cancellationToken)).Select(one => one.Hub))
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase),
    ];

    private IAsyncEnumerable<LdapEntry> ChildrenAsync(string objectClass, CancellationToken cancellationToken) =>
        _directory.SearchAsync(new SearchRequest(EdgeLayout.Credentials, SearchScope.SingleLevel, Filter.Equal("objectClass", objectClass), ["*"]), cancellationToken);

    private async Task WaitAsync(long seen, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(Longest, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await engine.WaitForCommitAsync(seen, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time to look at the dates.
        }
    }
}
