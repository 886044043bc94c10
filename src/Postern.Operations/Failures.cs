using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Auth;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization.Planning;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Transport.Services;

namespace Postern.Operations;

/// <summary>The one map from the failures of the rooms below to those of verbs.</summary>
public static class Failures
{
    /// <summary>Runs a verb's body; what the rooms below refuse comes out as an <see cref="OperationException"/>, anything else as it is.</summary>
    public static async Task<T> TranslateAsync<T>(Func<Task<T>> body)
    {
        try
        {
            return await body();
        }
        catch (Exception e) when (From(e) is { } failure)
        {
            throw failure;
        }
    }

    /// <returns>Null when this is no failure that a verb may have.</returns>
    public static OperationException? From(Exception e) => e switch
    {
        ConfigurationException configuration => new OperationException(
            ConfigurationCategory(configuration.Fault), configuration.Code, configuration.Message, configuration.Hint, e),
        AccountException account => new OperationException(AccountCategory(account.Fault), AccountCode(account.Fault), account.Message, account.Hint, e),
        CertificateStoreException { Code: "notFound" } missing => new OperationException(FailureCategory.NotFound, "noSuchCertificate", missing.Message, missing.Hint, e),
        CertificateStoreException store => new OperationException(store.Code is "ambiguous" ? FailureCategory.BadRequest : FailureCategory.Conflict, $"certificate{char.ToUpperInvariant(store.Code[0])}{store.Code[1..]}", store.Message, store.Hint, e),
        CertificateFormatException format => new OperationException(FailureCategory.Failed, format.Code, format.Message, format.Hint, e),
        ServiceException service => new OperationException(FailureCategory.Failed, $"service{char.ToUpperInvariant(service.Code[0])}{service.Code[1..]}", service.Message, service.Hint, e),
        CertificateException certificate => new OperationException(FailureCategory.BadRequest, "certificate", certificate.Message, certificate.Hint, e),
        AuthException { Code: "tokenLifetime" or "tokenSubject" or "authCertificate" } auth => new OperationException(FailureCategory.BadRequest, auth.Code, auth.Message, auth.Hint, e),
        AuthException { Code: "noNextCertificate" or "noAuthConfiguration" } auth => new OperationException(FailureCategory.NotFound, auth.Code, auth.Message, auth.Hint, e),
        AuthException auth => new OperationException(FailureCategory.Conflict, auth.Code, auth.Message, auth.Hint, e),
        SubscriptionFileException file => new OperationException(FailureCategory.Failed, "subscriptionFile", file.Message, file.Hint, e),
        SubscriptionException { IsMissing: true } missing => new OperationException(FailureCategory.NotFound, "noSuchSubscription", missing.Message, missing.Hint, e),
        SubscriptionException subscription => new OperationException(FailureCategory.Failed, "subscription", subscription.Message, subscription.Hint, e),
        PlanException plan => new OperationException(FailureCategory.NotFound, "noSuchPlan", plan.Message, plan.Hint, e),
        HubSettingsException settings => new OperationException(
            FailureCategory.Failed, "settings", settings.Message, $"mend {settings.FileName}; docs/hub-json.md lists its keys", e),
        DirectoryStoreException store => new OperationException(FailureCategory.Failed, StoreCode(store.Fault), store.Message, StoreHint(store.Fault), e),
        PrivateFileException file => new OperationException(FailureCategory.Failed, "privateFile", file.Message, "", e),
        LdapConnectionException lost => new OperationException(FailureCategory.Failed, "connection", lost.Message, lost.Hint, e),
        LdifException ldif => new OperationException(FailureCategory.Failed, "ldif", ldif.Message, "mend that line and repeat the command", e),
        LdapException { Code: LdapResultCode.EntryAlreadyExists } exists => new OperationException(
            FailureCategory.Conflict, "alreadyExists", exists.Message, "remove it first, or choose another name", e),
        LdapException { Code: LdapResultCode.InvalidAttributeSyntax } syntax => new OperationException(
            FailureCategory.BadRequest, "invalidValue", syntax.Message, "correct the value", e),
        LdapException refused => new OperationException(
            FailureCategory.Failed, "directory", refused.Message, "the daemon's log may say more; check the free space of its data folder", e),
        _ => null,
    };

    private static FailureCategory ConfigurationCategory(ConfigurationFault fault) => fault switch
    {
        ConfigurationFault.BadValue => FailureCategory.BadRequest,
        ConfigurationFault.Missing => FailureCategory.NotFound,
        _ => FailureCategory.Conflict,
    };

    private static FailureCategory AccountCategory(AccountFault fault) => fault switch
    {
        AccountFault.BadName => FailureCategory.BadRequest,
        AccountFault.Missing => FailureCategory.NotFound,
        _ => FailureCategory.Conflict,
    };

    private static string AccountCode(AccountFault fault) => fault switch
    {
        AccountFault.BadName => "invalidValue",
        AccountFault.Exists => "alreadyExists",
        AccountFault.Missing => "noSuchAccount",
        _ => "accountOfSubscription",
    };

    private static string StoreCode(StoreFault fault) => fault switch
    {
        StoreFault.Damaged => "storeDamaged",
        StoreFault.NewerVersion => "storeNewer",
        StoreFault.OlderVersion => "storeOlder",
        StoreFault.Locked => "storeLocked",
        StoreFault.Full => "diskFull",
        StoreFault.ReadOnly => "storeReadOnly",
        StoreFault.Replaced => "storeReplaced",
        _ => "storeUnavailable",
    };

    private static string StoreHint(StoreFault fault) => fault switch
    {
        StoreFault.Damaged => "restore the data folder from a backup; an edge can also start anew and be subscribed again",
        StoreFault.NewerVersion => "use the Postern version that wrote it, or a newer one",
        StoreFault.OlderVersion => "start the daemon once, then repeat the command",
        StoreFault.Locked => "only one daemon may use a data folder: stop the other one",
        StoreFault.Full => "make room, then repeat the command",
        StoreFault.ReadOnly => "make the folder and its disk writable, then repeat the command",
        StoreFault.Replaced => "put the file back, or stop the daemon and restore a backup with `postern directory restore`",
        _ => "check path, permissions and disk",
    };
}
