using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// Ends the bootstrap: the first login of the replication account that it made proves that a hub has stored it. From then on the bootstrap
/// account is used, accounts of earlier attempts are gone, and the edge is subscribed. All in one batch.
/// </summary>
internal sealed class BootstrapEnd(IDirectory edge, TimeProvider time)
{
    /// <param name="account">The replication account that logged on.</param>
    /// <exception cref="LdapException">The store refused the change: then the login fails.</exception>
    public async Task ReachedAsync(LdapEntry account, CancellationToken cancellationToken)
    {
        if (account.FirstString(PosternAttributes.CreatedBy) is not { } bootstrap
            || await FindAsync(AccountEntry.Dn(bootstrap), cancellationToken) is not { } maker
            || maker.Find(PosternAttributes.UsedTime) is not null)
        {
            return;
        }

        string now = SyncStateEntry.PrintTime(time.GetUtcNow());
        List<IUpdateOperation> operations =
        [
            new ModifyRequest(maker.Dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.UsedTime, now))),
            new ModifyRequest(
                EdgeLayout.Subscription,
                new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.State, EdgeSubscriptionEntry.Subscribed)),
                new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.SubscribedTime, now)),
                new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Hub, HubOf(account)))),
        ];
        foreach (string container in (string[])[EdgeLayout.Credentials, EdgeLayout.Accounts])
        {
            SearchRequest others = new(container, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.CreatedBy, bootstrap), ["cn"]);
            await foreach (LdapEntry other in edge.SearchAsync(others, cancellationToken))
            {
                if (!string.Equals(other.FirstString("cn"), account.FirstString("cn"), StringComparison.OrdinalIgnoreCase))
                {
                    operations.Add(new DelRequest(other.Dn));
                }
            }
        }

        BatchResult result = await edge.BatchAsync(operations, cancellationToken);
        result.Result.ThrowIfFailed($"end of bootstrap account {bootstrap}");
    }

    private async Task<LdapEntry?> FindAsync(string dn, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in edge.SearchAsync(SearchRequest.ReadEntry(dn, "*"), cancellationToken))
            {
                return entry;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return null;
    }

    private static string HubOf(LdapEntry account) =>
        EdgeNames.TryGetHub(account.FirstString("cn") ?? "", out string hub) ? hub : account.Dn;
}
