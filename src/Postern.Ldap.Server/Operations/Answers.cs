namespace Postern.Ldap.Server.Operations;

/// <summary>The response that belongs to a request, RFC 4511 section 4.2 and following.</summary>
internal static class Answers
{
    public static LdapOperation To(LdapOperation request, LdapAnswer answer) =>
        request is ExtendedRequest extended
            ? new ExtendedResponse(answer.Result, ResponseName(extended.Name), answer.Value)
            : To(request, answer.Result);

    public static LdapOperation To(LdapOperation request, LdapResult result) => request switch
    {
        BindRequest => new BindResponse(result),
        SearchRequest => new SearchResultDone(result),
        ModifyRequest => new ModifyResponse(result),
        AddRequest => new AddResponse(result),
        DelRequest => new DelResponse(result),
        ModifyDnRequest => new ModifyDnResponse(result),
        CompareRequest => new CompareResponse(result),
        ExtendedRequest extended => new ExtendedResponse(result, ResponseName(extended.Name)),
        _ => throw new ArgumentException($"{request.GetType().Name} has no answer", nameof(request)),
    };

    /// <summary>The answer to a request that could not be decoded; null where the kind of request has none.</summary>
    public static LdapOperation? To(LdapOperationTag request, LdapResult result) => request switch
    {
        LdapOperationTag.BindRequest => new BindResponse(result),
        LdapOperationTag.SearchRequest => new SearchResultDone(result),
        LdapOperationTag.ModifyRequest => new ModifyResponse(result),
        LdapOperationTag.AddRequest => new AddResponse(result),
        LdapOperationTag.DelRequest => new DelResponse(result),
        LdapOperationTag.ModifyDnRequest => new ModifyDnResponse(result),
        LdapOperationTag.CompareRequest => new CompareResponse(result),
        LdapOperationTag.ExtendedRequest => new ExtendedResponse(result),
        _ => null,
    };

    /// <summary>Notice of Disconnection, RFC 4511 section 4.4.1.</summary>
    public static LdapMessage Notice(LdapResultCode code, string text) =>
        new(0, new ExtendedResponse(new LdapResult(code, text), LdapOids.NoticeOfDisconnection));

    private static string? ResponseName(string requestName) => requestName switch
    {
        LdapOids.StartTls => LdapOids.StartTls, // RFC 4511 section 4.14.2 asks for it
        LdapOids.StartLburpRequest => LdapOids.StartLburpResponse,
        LdapOids.LburpUpdateRequest => LdapOids.LburpUpdateResponse,
        LdapOids.EndLburpRequest => LdapOids.EndLburpResponse,
        _ => null,
    };
}
