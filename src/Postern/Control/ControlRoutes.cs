using Postern.Mail;

namespace Postern.Control;

/// <summary>The verbs on the control socket. All are POST with one JSON object in and one out; those marked stream answer with NDJSON.</summary>
public static class ControlRoutes
{
    /// <summary>Of every route; what follows are the words of the command.</summary>
    public const string Prefix = "/v1/";

    public const string Status = "/v1/status";
    public const string Doctor = "/v1/doctor";
    public const string SubscriptionList = "/v1/subscription/list";
    public const string SubscriptionShow = "/v1/subscription/show";
    public const string SubscriptionRemove = "/v1/subscription/remove";

    /// <summary>Hub.</summary>
    public const string SubscriptionSet = "/v1/subscription/set";

    /// <summary>Edge.</summary>
    public const string SubscriptionNew = "/v1/subscription/new";

    /// <summary>Edge: what a new subscription would replace.</summary>
    public const string SubscriptionPreview = "/v1/subscription/preview";

    /// <summary>Hub, stream.</summary>
    public const string SubscriptionImport = "/v1/subscription/import";

    /// <summary>Either side.</summary>
    public const string CertificateShow = "/v1/certificate/show";

    /// <summary>Either side.</summary>
    public const string CertificateRenew = "/v1/certificate/renew";

    /// <summary>Either side.</summary>
    public const string CertificateRevoke = "/v1/certificate/revoke";

    /// <summary>Hub: what all nodes report of their certificates.</summary>
    public const string CertificateReports = "/v1/certificate/reports";

    /// <summary>Either side.</summary>
    public const string AuthShow = "/v1/auth/show";

    /// <summary>Hub.</summary>
    public const string AuthSet = "/v1/auth/set";

    /// <summary>Hub.</summary>
    public const string AuthPublish = "/v1/auth/publish";

    /// <summary>Hub.</summary>
    public const string AuthClearPrevious = "/v1/auth/clear-previous";

    /// <summary>Hub.</summary>
    public const string AuthMonitor = "/v1/auth/monitor";

    /// <summary>Hub, on this machine only.</summary>
    public const string AuthToken = "/v1/auth/token";

    /// <summary>Hub.</summary>
    public const string HubList = "/v1/hub/list";

    /// <summary>Hub.</summary>
    public const string HubRemove = "/v1/hub/remove";

    /// <summary>Hub, stream.</summary>
    public const string SyncStart = "/v1/sync/start";

    /// <summary>Hub.</summary>
    public const string SyncApply = "/v1/sync/apply";

    /// <summary>Hub.</summary>
    public const string SyncStatus = "/v1/sync/status";

    /// <summary>Hub.</summary>
    public const string SyncTest = "/v1/sync/test";

    /// <summary>Hub.</summary>
    public const string HeldList = "/v1/sync/held/list";

    /// <summary>Hub.</summary>
    public const string HeldShow = "/v1/sync/held/show";

    /// <summary>Hub.</summary>
    public const string HeldApprove = "/v1/sync/held/approve";

    /// <summary>Hub.</summary>
    public const string HeldReject = "/v1/sync/held/reject";

    /// <summary>Hub.</summary>
    public const string AuditVerify = "/v1/audit/verify";

    /// <summary>Edge.</summary>
    public const string AccountNew = "/v1/directory/account/new";

    /// <summary>Edge.</summary>
    public const string AccountList = "/v1/directory/account/list";

    /// <summary>Edge.</summary>
    public const string AccountRemove = "/v1/directory/account/remove";

    /// <summary>Edge.</summary>
    public const string RecipientLookup = "/v1/recipient/lookup";

    /// <summary>Hub.</summary>
    public const string RecipientExplain = "/v1/recipient/explain";

    /// <summary>Either side: <c>/v1/domain/add</c>, <c>/v1/connector/send/list</c>, ...</summary>
    /// <param name="verb">list, show, add, set or remove.</param>
    public static string Configuration(ConfigurationClass kind, string verb) => $"/v1/{kind.Command.Replace(' ', '/')}/{verb}";
}
