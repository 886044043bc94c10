using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Subscriptions;

namespace Postern.EdgeSync.Enrolment;

/// <summary>This hub's own credentials in the organization directory: takes those that others left for it, and leaves there what it has itself.</summary>
internal sealed class HubCredentials(HubServers servers, HubIdentity hub, HubPaths paths, TimeProvider time, ILogger log)
{
    /// <summary>Stores what was left for this hub and edge as the hub's keys of that edge.</summary>
    /// <param name="unless">Keys that are known not to work.</param>
    /// <returns>False when there is nothing for it, or nothing new.</returns>
    public async Task<bool> TakeAsync(string edge, EdgeKeys? unless, CancellationToken cancellationToken)
    {
        if ((await servers.FindAsync(hub.Name, cancellationToken))?.For(edge) is not { } record)
        {
            return false;
        }

        HubCredential.Secrets secrets;
        try
        {
            secrets = record.Open(hub.Certificate);
        }
        catch (CryptographicException e)
        {
            // Sealed for an earlier certificate: the holder of the lease sees that and makes another.
            EnrolmentLog.NotOpened(log, edge, e.Message);
            return false;
        }

        if (unless is not null && Same(record, secrets, unless))
        {
            return false;
        }

        int number = record.UserName.Length > 0 && char.IsAsciiDigit(record.UserName[^1]) ? record.UserName[^1] - '0' : 0;
        new EdgeKeys { EsraUser = record.UserName, EsraPassword = secrets.Password, EsraNumber = number, EsraRequested = true, AddressKey = secrets.AddressKey }.Save(paths, edge);
        EnrolmentLog.Taken(log, edge, record.UserName);
        return true;
    }

    /// <summary>Whether this hub's own entry says what its keys say.</summary>
    public bool IsLeft(HubServer self, string edge, EdgeKeys keys)
    {
        try
        {
            return self.For(edge) is { } record && Same(record, record.Open(hub.Certificate), keys);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Leaves the keys of a hub that paired by itself on its own entry: so the others see that it needs none.</summary>
    public async Task LeaveAsync(HubServer self, HubSubscription edge, EdgeKeys keys, CancellationToken cancellationToken)
    {
        HubCredential record = Make(edge, self, keys.EsraUser, time.GetUtcNow());
        await servers.StoreAsync(
            self, HubCredential.Seal(record, new HubCredential.Secrets(record.TargetServer, record.UserName, keys.EsraPassword, keys.AddressKey), hub.Certificate), cancellationToken);
    }

    public Task ForgetAsync(string edge, CancellationToken cancellationToken) => servers.ForgetEdgeAsync(edge, cancellationToken);

    private static bool Same(HubCredential record, HubCredential.Secrets secrets, EdgeKeys keys) =>
        string.Equals(record.UserName, keys.EsraUser, StringComparison.OrdinalIgnoreCase) && secrets.Password == keys.EsraPassword && secrets.AddressKey == keys.AddressKey;

    public static HubCredential Make(HubSubscription edge, HubServer hub, string user, DateTimeOffset effective) => new(
        HubCredential.CurrentVersion, edge.Name, edge.EdgeFqdn, hub.Name, hub.Fqdn, effective, ExpirationTime: null, user, "", []);
}

internal static partial class EnrolmentLog
{
    [LoggerMessage(3520, LogLevel.Information, "Edge {Edge}: took the credential {Account} that another hub left for this one")]
    public static partial void Taken(ILogger log, string edge, string account);

    [LoggerMessage(3521, LogLevel.Warning, "Edge {Edge}: the credential in the organization directory cannot be opened: {Reason}; it is made anew by the hub that synchronizes the edge")]
    public static partial void NotOpened(ILogger log, string edge, string reason);

    [LoggerMessage(3522, LogLevel.Information, "Edge {Edge}: hub {Hub} may log on as {Account} now")]
    public static partial void Enrolled(ILogger log, string edge, string hub, string account);

    [LoggerMessage(3523, LogLevel.Information, "Edge {Edge}: account {Account} deleted: {Why}")]
    public static partial void Deleted(ILogger log, string edge, string account, string why);

    [LoggerMessage(3524, LogLevel.Warning, "Hub {Hub} cannot be enrolled: its entry has no RSA certificate that belongs to its public key")]
    public static partial void NoCertificate(ILogger log, string hub);

    [LoggerMessage(3525, LogLevel.Warning, "Edge {Edge}: hubs could not be compared with accounts: {Reason}; tried again at {Next}")]
    public static partial void EdgeFailed(ILogger log, string edge, string reason, DateTimeOffset next);

    [LoggerMessage(3526, LogLevel.Warning, "Organization directory: {Reason}; tried again at {Next}")]
    public static partial void OrganizationFailed(ILogger log, string reason, DateTimeOffset next);
}
