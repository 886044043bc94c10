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
}
