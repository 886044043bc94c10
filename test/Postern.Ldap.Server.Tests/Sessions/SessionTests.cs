using System.Text;

namespace Postern.Ldap.Server.Tests.Sessions;

public class SessionTests
{
    private static readonly SearchRequest Everybody = new("o=test", SearchScope.WholeSubtree, Filter.Anything, []);

    [Fact]
    public async Task Bind_search_and_unbind_work()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(3));
        using TestClient client = await server.ConnectBoundAsync();

        (List<LdapEntry> entries, LdapResult result) = await client.SearchAsync(Everybody);
        Assert.Equal(3, entries.Count);
        Assert.Equal("p1", entries[1].FirstString("cn"));
        Assert.True(result.IsSuccess);

        await client.SendAsync(new UnbindRequest());
        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Bind_search_works_over_tls()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(3));
        using TestClient client = await server.ConnectTlsAsync();

        Assert.True((await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"))).IsSuccess);
        Assert.Equal(3, (await client.SearchAsync(Everybody)).Entries.Count);
        ExtendedResponse who = (ExtendedResponse)(await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI))).Operation;
        Assert.Equal($"dn:{FakeAuthenticator.Admin}", Encoding.UTF8.GetString(who.Value!.Value.Span));
    }
}
