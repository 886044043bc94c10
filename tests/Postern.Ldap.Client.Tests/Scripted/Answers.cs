namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>Ordinary answers, for scripts.</summary>
internal static class Answers
{
    public static SearchRequest Search { get; } = new("dc=example", SearchScope.WholeSubtree, Filter.Anything, []);

    public static SearchResultEntry Entry(string cn) => new(new LdapEntry($"cn={cn},dc=example", [new LdapAttribute("cn", cn)]));

    public static SearchResultDone Done { get; } = new(LdapResult.Success);

    public static ExtendedResponse WhoAmI(string name) => new(LdapResult.Success, null, System.Text.Encoding.UTF8.GetBytes(name));

    public static LdapMessage Notice(LdapResultCode code, string text) => new(0, new ExtendedResponse(new LdapResult(code, text), LdapOids.NoticeOfDisconnection));

    public static LdapMessage PageDone(int id, string cookie) =>
        new(id, Done, [PagedResultsControl.Create(0, System.Text.Encoding.UTF8.GetBytes(cookie), critical: false)]);
}
