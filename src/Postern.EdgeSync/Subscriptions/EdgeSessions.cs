using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Rotation;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>
/// Opens sessions to edges: exact pin, then the newest replication account that is in effect, then the one before it. Where there is none
/// yet the bootstrap account brings one; where none works any more, this hub's certificate does. Everything is stored, sealed, before the
/// edge hears of it, so a hub that dies anywhere goes on from there.
/// </summary>
internal sealed class EdgeSessions(HubCredentials credentials, TimeProvider time, ILogger log)
{
    /// <summary>A new account that was refused is not tried again for so long while an older one works. Ours, as the look at the topology.</summary>
    private static readonly TimeSpan RefusalMemory = TimeSpan.FromMinutes(5);

    /// <summary>Entries that a search of an edge may bring: what is compared costs 60 octets of memory each, and an edge that was taken over
    /// makes up entries without end. Twice the largest organization that was measured. Ours.</summary>
    public long MostEntries { get; set; } = 10_000_000;

    private const string Anew = "Make a new file on the edge with 'postern subscription new --force' and import that.";

    private readonly ConcurrentDictionary<(string Edge, string Account), DateTimeOffset> _refused = new();

    public HubCredentials Credentials => credentials;

    public SubscriptionException NoCredentials(string edge) => new(
        $"hub {credentials.Hub.Name} has no credentials for edge {edge} yet",
        $"The hub that synchronizes {edge} lets it in when it next looks for new hubs; 'postern hub list' shows who has some.");

    /// <exception cref="LdapConnectionException">No connection, or the wrong certificate.</exception>
    /// <exception cref="SubscriptionException">The edge refused this hub, or there is nothing to log on with.</exception>
    /// <exception cref="LdapException">The organization directory cannot be read.</exception>
    /// <param name="pairing">Of an import: what became of it.</param>
    public async Task<LdapConnection> OpenAsync(HubSubscription subscription, CancellationToken cancellationToken, Pairing? pairing = null)
    {
        EdgeSecrets secrets = await credentials.ReadAsync(subscription.Name, cancellationToken);
        if (secrets.AddressKey is null || !secrets.Accounts.Any(account => account.IsValid(time.GetUtcNow())))
        {
            await credentials.RenewAsync(subscription, cancellationToken);
            secrets = await credentials.ReadAsync(subscription.Name, cancellationToken);
        }

        if (secrets.AddressKey is null)
        {
            throw NoCredentials(subscription.Name);
        }

        LdapConnection connection = await DialAsync(subscription, cancellationToken);
        try
        {
            await LogOnAsync(connection, subscription, secrets, pairing ?? new Pairing(), cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>With the pins of the subscription; where none of them is what the edge shows, with those that it has by now: it may have changed over
    /// while this hub held on to what it had read.</summary>
    private async Task<LdapConnection> DialAsync(HubSubscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            return await DialOnceAsync(subscription, cancellationToken);
        }
        catch (LdapConnectionException e) when (e.Kind == LdapFailureKind.PinMismatch)
        {
            EdgePins before = subscription.Pins;
            if (await credentials.ReadSubscriptionAsync(subscription.Name, cancellationToken) is { } now && !now.Pins.IsSame(before) && now.EdgeAddress == subscription.EdgeAddress)
            {
                subscription = now;
                try
                {
                    return await DialOnceAsync(subscription, cancellationToken);
                }
                catch (LdapConnectionException again) when (again.Kind == LdapFailureKind.PinMismatch)
                {
                    CertificateLog.FailedDirectTrustMatch(log, subscription.Name, subscription.EdgeAddress, again.Message);
                    throw;
                }
            }

            CertificateLog.FailedDirectTrustMatch(log, subscription.Name, subscription.EdgeAddress, e.Message);
            throw;
        }
    }

    private Task<LdapConnection> DialOnceAsync(HubSubscription subscription, CancellationToken cancellationToken) => LdapConnection.ConnectAsync(
        new LdapClientOptions
        {
            Endpoint = LdapEndpoint.Parse($"ldaps://{subscription.EdgeAddress}"),
            TlsName = subscription.EdgeFqdn,
            Trust = new LdapTrust.Pin([.. subscription.Pins.All.Select(pin => CertificatePin.Of(pin.Span).Sha256)]),
            ClientCertificate = credentials.Hub.Certificate,
            MaxSearchEntries = MostEntries,
            Time = time,
        },
        cancellationToken);

    private async Task LogOnAsync(LdapConnection connection, HubSubscription edge, EdgeSecrets secrets, Pairing pairing, CancellationToken cancellationToken)
    {
        LdapException? refusal = null;
        if (secrets.Bootstrap is { } bootstrap)
        {
            refusal = await TryBindAsync(connection, bootstrap, cancellationToken);
            if (refusal is null)
            {
                await BringAsync(connection, edge, secrets, bootstrap.UserName, pairing, cancellationToken);
                SessionLog.Paired(log, edge.Name, secrets.Accounts[0].UserName);
                await ForgetBootstrapAsync(edge.Name, cancellationToken);
                return;
            }
        }

        LdapException? last = await TryAccountsAsync(connection, edge.Name, secrets, cancellationToken);
        if (last is null)
        {
            if (secrets.Bootstrap is not null)
            {
                // An earlier attempt died after the edge took the account and before it was noted here.
                pairing.MayBeProven = true;
                await ForgetBootstrapAsync(edge.Name, cancellationToken);
            }

            return;
        }

        if (secrets.Bootstrap is { } file)
        {
            throw Refused(edge.Name, file.UserName, refusal!, Anew);
        }

        if (last.Code == LdapResultCode.Busy)
        {
            throw Refused(edge.Name, secrets.Accounts[0].UserName, last, "Somebody has guessed passwords from this address, or this hub had a wrong one: wait as long as it says.");
        }

        await HealAsync(connection, edge, secrets, last, cancellationToken);
    }

    /// <returns>Null: logged on.</returns>
    private async Task<LdapException?> TryAccountsAsync(LdapConnection connection, string edge, EdgeSecrets secrets, CancellationToken cancellationToken)
    {
        // The edge's clock decides what is in effect; those that are not by ours come last.
        DateTimeOffset now = time.GetUtcNow();
        AccountSecret[] accounts = [.. secrets.Accounts.OrderByDescending(account => account.IsValid(now))];
        LdapException? first = null;
        for (int i = 0; i < accounts.Length; i++)
        {
            AccountSecret account = accounts[i];
            (string, string) key = (edge.ToUpperInvariant(), account.UserName);
            if (i < accounts.Length - 1 && _refused.TryGetValue(key, out DateTimeOffset when) && now - when < RefusalMemory)
            {
                continue;
            }

            if (await TryBindAsync(connection, account, cancellationToken) is not { } refusal)
            {
                _refused.TryRemove(key, out _);
                credentials.Served(edge, account.UserName);
                return null;
            }

            if (first is null || first.Code == LdapResultCode.Busy)
            {
                first = refusal;
            }

            // Busy says nothing about the account.
            if (i < accounts.Length - 1 && refusal.Code != LdapResultCode.Busy)
            {
                _refused[key] = now;
                CredentialLog.NextRefused(log, edge, account.UserName, refusal.Message, accounts[i + 1].UserName);
            }
        }

        return first ?? new LdapException(new LdapResult(LdapResultCode.InvalidCredentials, "there is no account"), "log on");
    }

    /// <summary>The pair mends itself over the pinned certificates: the edge's, which was checked, and this hub's, which the edge knows.</summary>
    private async Task HealAsync(LdapConnection connection, HubSubscription edge, EdgeSecrets secrets, LdapException refusal, CancellationToken cancellationToken)
    {
        string account = secrets.Accounts.Count > 0 ? secrets.Accounts[0].UserName : "";
        try
        {
            await connection.BindExternalAsync(cancellationToken: cancellationToken);
        }
        catch (LdapException)
        {
            throw new SubscriptionException(
                $"edge {edge.Name} refused account {account}: {refusal.Message}",
                $"The edge knows neither the account nor the certificate of hub {credentials.Hub.Name}. If another hub synchronizes it, wait five minutes; else "
                + $"subscribe {edge.Name} anew: 'postern subscription new --force' there, import here. If its subscription was removed there, remove it here too: "
                + $"'postern subscription remove {edge.Name}'.",
                refusal)
            {
                IsForgotten = refusal.Code == LdapResultCode.InvalidCredentials,
            };
        }

        await BringAsync(connection, edge, secrets, bootstrap: null, new Pairing(), cancellationToken);
        CredentialLog.Healed(log, edge.Name, refusal.Message, account);
    }

    /// <summary>Brings the newest account that is in effect, and logs on with it.</summary>
    /// <param name="bootstrap">Whose session it is; null: this hub's own.</param>
    private async Task BringAsync(LdapConnection connection, HubSubscription edge, EdgeSecrets secrets, string? bootstrap, Pairing pairing, CancellationToken cancellationToken)
    {
        AccountSecret account = secrets.Accounts.FirstOrDefault(one => one.IsValid(time.GetUtcNow()))
            ?? throw new SubscriptionException($"no account for edge {edge.Name} is in effect", "Compare the clocks of the hubs.");
        await credentials.RenewAsync(edge, cancellationToken); // the record for the edge, if it is not there yet
        CredentialRecord record = await credentials.ForEdgeAsync(edge, account.UserName, cancellationToken);
        try
        {
            await CredentialEntry.PutAsync(connection, record, bootstrap, cancellationToken);
            pairing.MayBeProven = true;
            await connection.BindAsync(AccountEntry.Dn(account.UserName), account.Password, cancellationToken);
            credentials.Served(edge.Name, account.UserName);
        }
        catch (LdapException e)
        {
            pairing.MayBeProven = false;
            throw Refused(
                edge.Name, account.UserName, e, e.Message.Contains("clock", StringComparison.Ordinal) ? "Compare the clocks of hub and edge ('timedatectl' on both); NTP keeps them together." : Anew);
        }
    }

    /// <summary>It is used, so that it stays a while longer harms nobody: the next session tries again.</summary>
    private async Task ForgetBootstrapAsync(string edge, CancellationToken cancellationToken)
    {
        try
        {
            await credentials.ForgetBootstrapAsync(edge, cancellationToken);
        }
        catch (LdapException e)
        {
            SessionLog.BootstrapStays(log, edge, e.Message);
        }
    }

    /// <returns>Null: logged on; else the refusal.</returns>
    private static async Task<LdapException?> TryBindAsync(LdapConnection connection, AccountSecret account, CancellationToken cancellationToken)
    {
        try
        {
            await connection.BindAsync(AccountEntry.Dn(account.UserName), account.Password, cancellationToken);
            return null;
        }
        catch (LdapException e) when (e.Code is LdapResultCode.InvalidCredentials or LdapResultCode.Busy)
        {
            return e;
        }
    }

    private static SubscriptionException Refused(string edge, string account, LdapException e, string hint) =>
        new($"edge {edge} refused account {account}: {e.Message}", hint, e);
}

internal static partial class SessionLog
{
    [LoggerMessage(3101, LogLevel.Information, "Edge {Edge}: paired, replication account {Account}")]
    public static partial void Paired(ILogger log, string edge, string account);

    [LoggerMessage(3103, LogLevel.Warning, "Edge {Edge}: the bootstrap account, which is used, could not be forgotten: {Reason}; tried again with the next session")]
    public static partial void BootstrapStays(ILogger log, string edge, string reason);
}

/// <summary>How far an import has come.</summary>
internal sealed class Pairing
{
    /// <summary>The edge may have taken the replication account for good, and the bootstrap account for used: nothing is undone from here on.</summary>
    public bool MayBeProven { get; set; }
}
