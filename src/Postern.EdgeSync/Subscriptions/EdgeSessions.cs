using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Accounts;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>
/// Opens sessions to edges: exact pin, then the replication account. Where that account does not exist yet, the bootstrap account makes it.
/// Everything is on disk before the edge hears of it, so a hub that dies anywhere goes on from there.
/// </summary>
internal sealed class EdgeSessions(HubPaths paths, string hubName, TimeProvider time, ILogger log)
{
    /// <summary>Makes and stores the secrets of a new subscription.</summary>
    public EdgeKeys Prepare(SubscriptionFile file)
    {
        EdgeKeys keys = new()
        {
            EsraUser = EdgeNames.ReplicationAccount(hubName, 0),
            EsraPassword = AccountSecrets.NewPassword(),
            BootstrapUser = file.EsraUsername,
            BootstrapPassword = file.EsraPassword,
            AddressKey = Convert.ToBase64String(file.AddressHashKey.ToBytes()),
        };
        keys.Save(paths, file.EdgeServerName);
        return keys;
    }

    /// <exception cref="LdapConnectionException">No connection, or the wrong certificate.</exception>
    /// <exception cref="SubscriptionException">The edge refused the accounts, or the keys cannot be read.</exception>
    public async Task<LdapConnection> OpenAsync(HubSubscription subscription, CancellationToken cancellationToken)
    {
        EdgeKeys keys = EdgeKeys.Read(paths, subscription.Name);
        LdapConnection connection = await LdapConnection.ConnectAsync(
            new LdapClientOptions
            {
                Endpoint = LdapEndpoint.Parse($"ldaps://{subscription.EdgeAddress}"),
                TlsName = subscription.EdgeFqdn,
                Trust = new LdapTrust.Pin(CertificatePin.Of(subscription.CertificateDer.Span).Sha256),
                Time = time,
            },
            cancellationToken);
        try
        {
            await LogOnAsync(connection, subscription.Name, keys, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task LogOnAsync(LdapConnection connection, string edge, EdgeKeys keys, CancellationToken cancellationToken)
    {
        if (keys.BootstrapUser is null || keys.EsraRequested)
        {
            try
            {
                await connection.BindAsync(AccountEntry.Dn(keys.EsraUser), keys.EsraPassword, cancellationToken);
                Proven(edge, keys);
                return;
            }
            catch (LdapException e) when (e.Code == LdapResultCode.InvalidCredentials && keys.BootstrapUser is not null)
            {
                // The edge was asked, but the account never came to be: ask again.
                SessionLog.AskAgain(log, edge, keys.EsraUser);
            }
            catch (LdapException e)
            {
                throw Refused(edge, keys.EsraUser, e, $"Subscribe {edge} anew: 'postern subscription new --force' there, import here.");
            }
        }

        await PairAsync(connection, edge, keys, cancellationToken);
    }

    private async Task PairAsync(LdapConnection connection, string edge, EdgeKeys keys, CancellationToken cancellationToken)
    {
        const string anew = "Make a new file on the edge with 'postern subscription new --force' and import that.";
        try
        {
            await connection.BindAsync(AccountEntry.Dn(keys.BootstrapUser!), keys.BootstrapPassword!, cancellationToken);
        }
        catch (LdapException e)
        {
            throw Refused(edge, keys.BootstrapUser!, e, anew);
        }

        for (int number = keys.EsraNumber; ; number++)
        {
            keys = keys with { EsraNumber = number, EsraUser = EdgeNames.ReplicationAccount(hubName, number), EsraRequested = true };
            keys.Save(paths, edge);
            LdapResult added = await connection.AddAsync(
                AccountEntry.ToAdd(keys.EsraUser, keys.EsraPassword, AccountEntry.ReplicationRole, time.GetUtcNow() - ClockTolerance, createdBy: keys.BootstrapUser),
                cancellationToken);
            if (added.IsSuccess)
            {
                break;
            }

            // The name is taken by an account whose password was lost with an earlier attempt; the edge removes it once this one is proven.
            if (added.Code != LdapResultCode.EntryAlreadyExists || number == EdgeNames.MaxAccountNumber)
            {
                throw Refused(edge, keys.BootstrapUser!, new LdapException(added, $"add account {keys.EsraUser}"), anew);
            }
        }

        try
        {
            await connection.BindAsync(AccountEntry.Dn(keys.EsraUser), keys.EsraPassword, cancellationToken);
        }
        catch (LdapException e)
        {
            throw Refused(edge, keys.EsraUser, e, anew);
        }

        SessionLog.Paired(log, edge, keys.EsraUser);
        Proven(edge, keys);
    }

    /// <summary>The account takes effect this long before now, by our clock: the edge's may be behind. Ours.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    /// <summary>The replication account works: the bootstrap password has no use any more.</summary>
    private void Proven(string edge, EdgeKeys keys)
    {
        if (keys.BootstrapUser is not null)
        {
            (keys with { BootstrapUser = null, BootstrapPassword = null }).Save(paths, edge);
        }
    }

    private static SubscriptionException Refused(string edge, string account, LdapException e, string hint) =>
        new($"edge {edge} refused account {account}: {e.Message}", hint, e);
}

internal static partial class SessionLog
{
    [LoggerMessage(3101, LogLevel.Information, "Edge {Edge}: paired, replication account {Account}")]
    public static partial void Paired(ILogger log, string edge, string account);

    [LoggerMessage(3102, LogLevel.Information, "Edge {Edge}: does not know replication account {Account} yet, asking with the bootstrap account again")]
    public static partial void AskAgain(ILogger log, string edge, string account);
}
