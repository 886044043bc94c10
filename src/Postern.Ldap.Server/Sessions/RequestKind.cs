namespace Postern.Ldap.Server.Sessions;

/// <summary>Requests as the session table tells them apart, in the order of RFC 4511 section 4.2 and following; then extended operations.</summary>
internal enum RequestKind
{
    Bind,
    Unbind,
    Search,
    Modify,
    Add,
    Delete,
    ModifyDn,
    Compare,
    Abandon,
    StartTls,
    WhoAmI,
    Cancel,
    StartLburp,
    LburpUpdate,
    EndLburp,
    PasswordModify,
    StartTransaction,
    EndTransaction,
    UnknownExtended,

    /// <summary>A message that only servers send.</summary>
    Response,
}

internal static class RequestKinds
{
    public static RequestKind Of(LdapOperation operation) => operation switch
    {
        BindRequest => RequestKind.Bind,
        UnbindRequest => RequestKind.Unbind,
        SearchRequest => RequestKind.Search,
        ModifyRequest => RequestKind.Modify,
        AddRequest => RequestKind.Add,
        DelRequest => RequestKind.Delete,
        ModifyDnRequest => RequestKind.ModifyDn,
        CompareRequest => RequestKind.Compare,
        AbandonRequest => RequestKind.Abandon,
        ExtendedRequest extended => extended.Name switch
        {
            LdapOids.StartTls => RequestKind.StartTls,
            LdapOids.WhoAmI => RequestKind.WhoAmI,
            LdapOids.Cancel => RequestKind.Cancel,
            LdapOids.StartLburpRequest => RequestKind.StartLburp,
            LdapOids.LburpUpdateRequest => RequestKind.LburpUpdate,
            LdapOids.EndLburpRequest => RequestKind.EndLburp,
            LdapOids.PasswordModify => RequestKind.PasswordModify,
            LdapOids.StartTransaction => RequestKind.StartTransaction,
            LdapOids.EndTransaction => RequestKind.EndTransaction,
            _ => RequestKind.UnknownExtended,
        },
        _ => RequestKind.Response,
    };
}
