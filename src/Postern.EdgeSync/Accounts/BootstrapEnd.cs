using System.Globalization;
using Postern.Directory;
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
            || await edge.FindAsync(AccountEntry.Dn(bootstrap), cancellationToken) is not { } maker
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

    /// <summary>A wrong password for this account was shown: counted where it is a bootstrap account that is open.</summary>
    /// <returns>That it is closed from now on.</returns>
    public async Task<bool> CountFailureAsync(string accountDn, CancellationToken cancellationToken)
    {
        LdapEntry? account = await edge.FindAsync(accountDn, cancellationToken);
        if (account?.FirstString(PosternAttributes.Role) != AccountEntry.BootstrapRole
            || account.Find(PosternAttributes.UsedTime) is not null
            || !int.TryParse(account.FirstString(PosternAttributes.Failures), NumberStyles.None, CultureInfo.InvariantCulture, out int failures)
            || failures >= AccountVerifier.MaxFailures)
        {
            return false;
        }

        // An increment, so that of two at once both are counted. An account that is made anew meanwhile starts anew.
        LdapResult counted = await edge.ModifyAsync(
            new ModifyRequest(account.Dn, new Modification(ModificationType.Increment, new LdapAttribute(PosternAttributes.Failures, "1"))), cancellationToken);
        return counted.IsSuccess && failures + 1 >= AccountVerifier.MaxFailures;
    }

    private static string HubOf(LdapEntry account) =>
        EdgeNames.TryGetHub(account.FirstString("cn") ?? "", out string hub) ? hub : account.Dn;
}
