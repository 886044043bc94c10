using System.Globalization;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>The accounts of hubs on an edge: each hub must have one that is valid, and in time its successor.</summary>
internal sealed class EdgeAccountExamination(IDirectory directory, CredentialService credentials, TimeProvider time)
{
    /// <summary>A successor is made 7 days before the end and effective 3 days before (fact sheet 3.5): less than two days without one is wrong.</summary>
    private static readonly TimeSpan LastDays = TimeSpan.FromDays(2);

    private sealed record Account(string Name, string Hub, DateTimeOffset? Effective, DateTimeOffset? Expires)
    {
        public bool IsValidAt(DateTimeOffset now) => !(Effective > now) && !(Expires <= now);
    }

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        await credentials.LookAsync(cancellationToken);
        List<Finding> findings =
        [
            .. credentials.Faults.Select(one => Finding.Failed(
                "credential", EdgeNames.TryGetHub(one.Key, out string hub) ? hub : one.Key, FindingCodes.CredentialNotInstalled, $"{one.Key}: {one.Value}")),
        ];
        List<Account> accounts = await ReadAsync(cancellationToken);
        if (accounts.Count == 0)
        {
            findings.Add(Finding.Failed("account", "", FindingCodes.NoAccount, "there is no account of a hub"));
            return findings;
        }

        DateTimeOffset now = time.GetUtcNow();
        HashSet<string> trusted = await ReadTrustAsync(cancellationToken);
        foreach (IGrouping<string, Account> hub in accounts.GroupBy(one => one.Hub, StringComparer.OrdinalIgnoreCase).OrderBy(one => one.Key, StringComparer.OrdinalIgnoreCase))
        {
            string evidence = string.Join("; ", hub.Select(Describe));
            Account[] lasting = [.. hub.Where(one => one.Expires is null || one.Expires > now + LastDays)];
            findings.Add(!hub.Any(one => one.IsValidAt(now))
                ? Finding.Failed("account", hub.Key, hub.All(one => one.Effective > now) ? FindingCodes.AccountNotYetEffective : FindingCodes.AccountExpired, evidence)
                : !trusted.Contains(hub.Key) ? Finding.Warning("account", hub.Key, FindingCodes.HubNotTrusted, evidence)
                : lasting.Length == 0 ? Finding.Warning("account", hub.Key, FindingCodes.AccountsExpire, evidence)
                : Finding.Good("account", hub.Key, evidence));
        }

        return findings;
    }

    private async Task<List<Account>> ReadAsync(CancellationToken cancellationToken)
    {
        List<Account> accounts = [];
        SearchRequest request = new(
            EdgeLayout.Accounts, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.Role, AccountEntry.ReplicationRole),
            ["cn", PosternAttributes.EffectiveTime, PosternAttributes.ExpirationTime]);
        await foreach (LdapEntry entry in directory.SearchAsync(request, cancellationToken))
        {
            string name = entry.FirstString("cn") ?? entry.Dn;
            string hub = EdgeNames.TryGetHub(name, out string found) ? found : name;
            accounts.Add(new Account(name, hub, SyncStateEntry.ReadTime(entry, PosternAttributes.EffectiveTime), SyncStateEntry.ReadTime(entry, PosternAttributes.ExpirationTime)));
        }

        return accounts;
    }

    private async Task<HashSet<string>> ReadTrustAsync(CancellationToken cancellationToken)
    {
        HashSet<string> hubs = new(StringComparer.OrdinalIgnoreCase);
        SearchRequest request = new(EdgeLayout.Credentials, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.HubTrust), ["cn"]);
        await foreach (LdapEntry entry in directory.SearchAsync(request, cancellationToken))
        {
            hubs.Add(entry.FirstString("cn") ?? entry.Dn);
        }

        return hubs;
    }

    private static string Describe(Account one) => string.Create(
        CultureInfo.InvariantCulture, $"{one.Name} from {one.Effective:u}{(one.Expires is { } end ? string.Create(CultureInfo.InvariantCulture, $" to {end:u}") : "")}");
}
