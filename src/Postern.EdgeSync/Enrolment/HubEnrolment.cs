using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Enrolment;

/// <summary>Brings the replication accounts of one edge in line with the hubs of its site. Account first, then its record in the organization
/// directory: a hub that dies in between leaves an account that nobody can use, and the next look replaces it.</summary>
internal sealed class HubEnrolment(FencedDirectory session, HubSubscription edge, EdgeKeys keys, HubServers servers, TimeProvider time, ILogger log)
{
    /// <summary>A new account takes effect this long before now, by our clock: the edge's may be behind. Ours.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    public async Task RunAsync(HubServer self, IReadOnlyList<HubServer> all, CancellationToken cancellationToken)
    {
        HashSet<string> accounts = await AccountsAsync(cancellationToken);
        foreach (HubServer other in all.Where(server => Same(server.Site, edge.Site) && !Same(server.Name, self.Name)))
        {
            if (other.Certificate is not { } certificate)
            {
                EnrolmentLog.NoCertificate(log, other.Name);
            }
            else if (other.For(edge.Name) is not { } record || record.CertificateSha256 != other.CertificateSha256 || !accounts.Contains(record.UserName))
            {
                await EnrolAsync(other, certificate, accounts, cancellationToken);
            }
            else
            {
                await DeleteAsync(accounts.Where(account => IsOf(account, other.Name) && !Same(account, record.UserName)), "replaced", cancellationToken);
            }
        }

        await DeleteAsync(accounts.Where(account => IsOf(account, self.Name) && !Same(account, keys.EsraUser)), "replaced", cancellationToken);
        await DeleteAsync(accounts.Where(account => !all.Any(server => IsOf(account, server.Name) && Same(server.Site, edge.Site))), "its hub left", cancellationToken);
    }

    private async Task EnrolAsync(HubServer other, ReadOnlyMemory<byte> certificate, HashSet<string> accounts, CancellationToken cancellationToken)
    {
        string[] names = [.. Enumerable.Range(0, EdgeNames.MaxAccountNumber + 1).Select(number => EdgeNames.ReplicationAccount(other.Name, number))];
        if (Array.TrueForAll(names, accounts.Contains))
        {
            // Nobody has the passwords of all but one of these, and the record that is being replaced does not work for its owner.
            await DeleteAsync(names, "no number is free", cancellationToken);
            accounts.ExceptWith(names);
        }

        string account = Array.Find(names, name => !accounts.Contains(name))!;
        string password = AccountSecrets.NewPassword();
        DateTimeOffset now = time.GetUtcNow();
        (await session.AddAsync(AccountEntry.ToAdd(account, password, AccountEntry.ReplicationRole, now - ClockTolerance), cancellationToken))
            .ThrowIfFailed($"add account {account}");
        accounts.Add(account);
        using X509Certificate2 owner = X509CertificateLoader.LoadCertificate(certificate.Span);
        HubCredential record = HubCredentials.Make(edge, other, account, now);
        await servers.StoreAsync(
            other, HubCredential.Seal(record, new HubCredential.Secrets(record.TargetServer, account, password, keys.AddressKey), owner), cancellationToken);
        EnrolmentLog.Enrolled(log, edge.Name, other.Name, account);
    }

    private async Task DeleteAsync(IEnumerable<string> accounts, string why, CancellationToken cancellationToken)
    {
        foreach (string account in accounts.ToArray())
        {
            LdapResult result = await session.DeleteAsync(new DelRequest(AccountEntry.Dn(account)), cancellationToken);
            if (result.Code != LdapResultCode.NoSuchObject)
            {
                result.ThrowIfFailed($"delete account {account}");
            }

            EnrolmentLog.Deleted(log, edge.Name, account, why);
        }
    }

    private async Task<HashSet<string>> AccountsAsync(CancellationToken cancellationToken)
    {
        HashSet<string> accounts = new(StringComparer.OrdinalIgnoreCase);
        SearchRequest request = new(EdgeLayout.Accounts, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.Role, AccountEntry.ReplicationRole), ["cn"]);
        await foreach (LdapEntry entry in session.SearchAsync(request, cancellationToken))
        {
            accounts.Add(entry.FirstString("cn") ?? "");
        }

        return accounts;
    }

    private static bool IsOf(string account, string hub) => EdgeNames.TryGetHub(account, out string owner) && Same(owner, hub);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
