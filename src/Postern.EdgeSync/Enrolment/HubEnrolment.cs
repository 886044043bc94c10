using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Enrolment;

/// <summary>
/// Brings what one edge knows of the hubs of its site in line with the organization directory: their credentials, which only the edge can
/// open, and their certificates. Then it seals the address key for the hubs that lack it: a hub that has it finds its account there.
/// </summary>
internal sealed class HubEnrolment(FencedDirectory session, HubSubscription edge, HubCredentials credentials, TimeProvider time, ILogger log)
{
    public async Task RunAsync(IReadOnlyList<HubServer> all, CancellationToken cancellationToken)
    {
        HubServer[] hubs = [.. all.Where(server => Same(server.Site, edge.Site))];
        foreach (HubServer hub in hubs.Where(hub => hub.Certificate is null))
        {
            EnrolmentLog.NoCertificate(log, hub.Name);
        }

        List<IUpdateOperation> operations = [];
        Dictionary<string, LdapEntry> there = await ThereAsync(cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        foreach (StoredCredential stored in await credentials.ForEdgeAsync(edge, cancellationToken))
        {
            if (stored.Record is { Kind: CredentialKind.Replication } record && hubs.Any(hub => record.IsOf(hub.Name)))
            {
                Bring(record, there, operations, now);
            }
        }

        foreach (HubServer hub in hubs)
        {
            Trust(hub, there, operations);
        }

        foreach ((string name, LdapEntry entry) in there)
        {
            operations.Add(new DelRequest(entry.Dn));
            EnrolmentLog.Deleted(log, edge.Name, name);
        }

        if (operations.Count > 0)
        {
            (await session.BatchAsync(operations, cancellationToken)).Result.ThrowIfFailed("bring the credentials");
        }

        await ShareAddressKeyAsync(hubs, cancellationToken);
    }

    /// <summary>What has expired by our clock is taken away by the edge, by its own; its hub drops the record.</summary>
    private void Bring(CredentialRecord record, Dictionary<string, LdapEntry> there, List<IUpdateOperation> operations, DateTimeOffset now)
    {
        if (!there.Remove(record.UserName, out LdapEntry? entry))
        {
            if (record.HasExpired(now))
            {
                return;
            }

            operations.Add(CredentialEntry.ToAdd(record));
            EnrolmentLog.Enrolled(log, edge.Name, record.SourceServer, record.UserName, record.EffectiveTime);
        }
        else if (entry.Find(PosternAttributes.EdgeSyncCredential) is not { Values: [{ } octets, ..] } || !octets.Span.SequenceEqual(record.ToOctets()))
        {
            operations.Add(CredentialEntry.ToReplace(record));
        }
    }

    private static void Trust(HubServer hub, Dictionary<string, LdapEntry> there, List<IUpdateOperation> operations)
    {
        if (hub.TrustedCertificates is not { Count: > 0 } wanted)
        {
            return;
        }

        if (!there.Remove(hub.Name, out LdapEntry? entry))
        {
            operations.Add(HubTrustEntry.ToAdd(hub.Name, wanted));
        }
        else if (!HubTrustEntry.Read(entry).Select(Hash).Order(StringComparer.Ordinal).SequenceEqual(wanted.Select(Hash).Order(StringComparer.Ordinal)))
        {
            operations.Add(HubTrustEntry.ToReplace(hub.Name, wanted));
        }
    }

    private async Task ShareAddressKeyAsync(HubServer[] hubs, CancellationToken cancellationToken)
    {
        if ((await credentials.ReadAsync(edge.Name, cancellationToken)).AddressKey is not { } key)
        {
            return;
        }

        foreach (HubServer other in hubs.Where(hub => hub.Certificate is not null && !Same(hub.Name, credentials.Hub.Name)))
        {
            if (await credentials.ShareAddressKeyAsync(edge, other, key, cancellationToken))
            {
                EnrolmentLog.KeyShared(log, edge.Name, other.Name);
            }
        }
    }

    private async Task<Dictionary<string, LdapEntry>> ThereAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, LdapEntry> there = new(StringComparer.OrdinalIgnoreCase);
        await foreach (LdapEntry entry in session.SearchAsync(new SearchRequest(EdgeLayout.Credentials, SearchScope.SingleLevel, Filter.Anything, ["*"]), cancellationToken))
        {
            there[DistinguishedName.Parse(entry.Dn).Rdn.Parts[0].Value] = entry; // what it is called: cn may have other values
        }

        return there;
    }

    private static string Hash(ReadOnlyMemory<byte> certificate) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(certificate.Span));

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

internal static partial class EnrolmentLog
{
    [LoggerMessage(3522, LogLevel.Information, "Edge {Edge}: hub {Hub} may log on as {Account} from {Effective} on")]
    public static partial void Enrolled(ILogger log, string edge, string hub, string account, DateTimeOffset effective);

    [LoggerMessage(3523, LogLevel.Information, "Edge {Edge}: {Name} taken away: it has expired, was replaced, or its hub left")]
    public static partial void Deleted(ILogger log, string edge, string name);

    [LoggerMessage(3524, LogLevel.Warning, "Hub {Hub} cannot be enrolled: its entry has no certificate that belongs to its public key")]
    public static partial void NoCertificate(ILogger log, string hub);

    [LoggerMessage(3525, LogLevel.Warning, "Edge {Edge}: hubs could not be compared with accounts: {Reason}; tried again at {Next}")]
    public static partial void EdgeFailed(ILogger log, string edge, string reason, DateTimeOffset next);

    [LoggerMessage(3526, LogLevel.Warning, "Organization directory: {Reason}; tried again at {Next}")]
    public static partial void OrganizationFailed(ILogger log, string reason, DateTimeOffset next);

    [LoggerMessage(3533, LogLevel.Error, "The look at hubs and edges failed: {Reason}; tried again at {Next}")]
    public static partial void LookFailed(ILogger log, string reason, DateTimeOffset next, Exception e);

    [LoggerMessage(3531, LogLevel.Information, "Edge {Edge}: the address key was sealed for hub {Hub}")]
    public static partial void KeyShared(ILogger log, string edge, string hub);
}
