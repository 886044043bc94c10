namespace Postern.Ldap;

/// <summary>Object identifiers of extended operations, controls and features, one line each with its source.</summary>
public static class LdapOids
{
    /// <summary>Unsolicited Notice of Disconnection, RFC 4511 section 4.4.1.</summary>
    public const string NoticeOfDisconnection = "1.3.6.1.4.1.1466.20036";

    /// <summary>StartTLS, RFC 4511 section 4.14.</summary>
    public const string StartTls = "1.3.6.1.4.1.1466.20037";

    /// <summary>Who am I?, RFC 4532.</summary>
    public const string WhoAmI = "1.3.6.1.4.1.4203.1.11.3";

    /// <summary>LBURP, RFC 4373 section 9 (IANA considerations).</summary>
    public const string StartLburpRequest = "1.3.6.1.1.17.1";
    public const string StartLburpResponse = "1.3.6.1.1.17.2";
    public const string EndLburpRequest = "1.3.6.1.1.17.3";
    public const string EndLburpResponse = "1.3.6.1.1.17.4";
    public const string LburpUpdateRequest = "1.3.6.1.1.17.5";
    public const string LburpUpdateResponse = "1.3.6.1.1.17.6";
    public const string LburpIncrementalStyle = "1.3.6.1.1.17.7";

    /// <summary>Simple paged results, RFC 2696.</summary>
    public const string PagedResults = "1.2.840.113556.1.4.319";

    /// <summary>ManageDsaIT, RFC 3296.</summary>
    public const string ManageDsaIt = "2.16.840.1.113730.3.4.2";

    /// <summary>All operational attributes ("+"), RFC 3673.</summary>
    public const string AllOperationalAttributes = "1.3.6.1.4.1.4203.1.5.1";

    /// <summary>Absolute true and false filters, RFC 4526.</summary>
    public const string TrueFalseFilters = "1.3.6.1.4.1.4203.1.5.3";

    /// <summary>Modify-increment, RFC 4525.</summary>
    public const string ModifyIncrement = "1.3.6.1.1.14";

    /// <summary>Assertion control, RFC 4528.</summary>
    public const string Assertion = "1.3.6.1.1.12";

    /// <summary>Pre-read and post-read controls, RFC 4527.</summary>
    public const string PreRead = "1.3.6.1.1.13.1";
    public const string PostRead = "1.3.6.1.1.13.2";

    /// <summary>Server-side sorting, RFC 2891: request and response control.</summary>
    public const string SortRequest = "1.2.840.113556.1.4.473";
    public const string SortResponse = "1.2.840.113556.1.4.474";

    /// <summary>Tree delete, draft-armijo-ldap-treedelete.</summary>
    public const string TreeDelete = "1.2.840.113556.1.4.805";

    /// <summary>Matched values, RFC 3876.</summary>
    public const string MatchedValues = "1.2.826.0.1.3344810.2.3";

    /// <summary>Don't use copy, RFC 6171.</summary>
    public const string DontUseCopy = "1.3.6.1.1.22";

    /// <summary>Proxied authorization, RFC 4370; refused here.</summary>
    public const string ProxiedAuthorization = "2.16.840.1.113730.3.4.18";

    /// <summary>Password modify, RFC 3062.</summary>
    public const string PasswordModify = "1.3.6.1.4.1.4203.1.11.1";

    /// <summary>Cancel, RFC 3909.</summary>
    public const string Cancel = "1.3.6.1.1.8";

    /// <summary>Transactions, RFC 5805: start request, specification control, end request, aborted notice.</summary>
    public const string StartTransaction = "1.3.6.1.1.21.1";
    public const string TransactionSpecification = "1.3.6.1.1.21.2";
    public const string EndTransaction = "1.3.6.1.1.21.3";
    public const string AbortedTransaction = "1.3.6.1.1.21.4";

    /// <summary>Content synchronization, RFC 4533: request, state and done controls, info message.</summary>
    public const string SyncRequest = "1.3.6.1.4.1.4203.1.9.1.1";
    public const string SyncState = "1.3.6.1.4.1.4203.1.9.1.2";
    public const string SyncDone = "1.3.6.1.4.1.4203.1.9.1.3";
    public const string SyncInfo = "1.3.6.1.4.1.4203.1.9.1.4";

    /// <summary>Active Directory's controls, MS-ADTS section 3.1.1.3.4.1: changes by cookie, change notification, deleted objects, recycled
    /// objects, names with GUID and SID.</summary>
    public const string DirSync = "1.2.840.113556.1.4.841";
    public const string ChangeNotification = "1.2.840.113556.1.4.528";
    public const string ShowDeleted = "1.2.840.113556.1.4.417";
    public const string ShowRecycled = "1.2.840.113556.1.4.2064";
    public const string ExtendedDn = "1.2.840.113556.1.4.529";
}
