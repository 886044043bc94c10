namespace Postern.Control;

/// <summary>The verbs on the control socket. All are POST with one JSON object in and one out; those marked stream answer with NDJSON.</summary>
public static class ControlRoutes
{
    public const string Status = "/v1/status";
    public const string SubscriptionList = "/v1/subscription/list";
    public const string SubscriptionShow = "/v1/subscription/show";
    public const string SubscriptionRemove = "/v1/subscription/remove";

    /// <summary>Edge.</summary>
    public const string SubscriptionNew = "/v1/subscription/new";

    /// <summary>Hub, stream.</summary>
    public const string SubscriptionImport = "/v1/subscription/import";

    /// <summary>Hub.</summary>
    public const string DomainAdd = "/v1/domain/add";

    /// <summary>Hub.</summary>
    public const string DomainList = "/v1/domain/list";

    /// <summary>Hub.</summary>
    public const string DomainRemove = "/v1/domain/remove";

    /// <summary>Hub, stream.</summary>
    public const string SyncStart = "/v1/sync/start";

    /// <summary>Edge.</summary>
    public const string AccountNew = "/v1/directory/account/new";

    /// <summary>Edge.</summary>
    public const string AccountList = "/v1/directory/account/list";

    /// <summary>Edge.</summary>
    public const string AccountRemove = "/v1/directory/account/remove";

    /// <summary>Edge.</summary>
    public const string RecipientLookup = "/v1/recipient/lookup";
}
