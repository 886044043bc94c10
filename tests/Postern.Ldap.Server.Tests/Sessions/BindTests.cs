using System.Text;

namespace Postern.Ldap.Server.Tests.Sessions;

public class BindTests
{
    private static readonly BindRequest Right = BindRequest.Simple(FakeAuthenticator.Admin, "secret");
    private static readonly BindRequest Wrong = BindRequest.Simple(FakeAuthenticator.Admin, "guess");

    [Fact]
    public async Task Bind_gives_the_session_its_identity_and_rights()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(
            new ServerSetup(new FakeDirectory().WithPeople(3)) { Anonymous = new FakeDirectory() });
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(0, await CountAsync(client));
        Assert.Equal("", await WhoAsync(client));

        Assert.True((await client.ResultAsync(Right)).IsSuccess);
        Assert.Equal(3, await CountAsync(client));
        Assert.Equal($"dn:{FakeAuthenticator.Admin}", await WhoAsync(client));
    }

    [Fact]
    public async Task Failed_bind_leaves_an_anonymous_session()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(
            new ServerSetup(new FakeDirectory().WithPeople(3)) { Anonymous = new FakeDirectory() });
        using TestClient client = await server.ConnectBoundAsync();

        Assert.Equal(LdapResultCode.InvalidCredentials, (await client.ResultAsync(Wrong)).Code);
        Assert.Equal("", await WhoAsync(client));
        Assert.Equal(0, await CountAsync(client));
    }

    [Fact]
    public async Task Anonymous_bind_takes_the_identity_away()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        Assert.True((await client.ResultAsync(BindRequest.Simple("", ""))).IsSuccess);
        Assert.Equal("", await WhoAsync(client));
    }

    [Theory]
    [InlineData(2, "secret", LdapResultCode.ProtocolError)]
    [InlineData(3, "", LdapResultCode.UnwillingToPerform)]
    public async Task Bind_that_proves_nothing_is_refused(int version, string password, LdapResultCode code)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(code, (await client.ResultAsync(Right with { Version = version, Credentials = new SimpleCredentials(Encoding.UTF8.GetBytes(password)) })).Code);
    }

    [Fact]
    public async Task Unknown_way_to_authenticate_is_refused()
    {
        // [1] is no AuthenticationChoice of RFC 4511.
        byte[] bind = [0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x81, 0];
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendRawAsync(bind);
        Assert.Equal(LdapResultCode.AuthMethodNotSupported, TestClient.ResultOf((await client.ReceiveAsync())!.Operation).Code);
    }

    [Fact]
    public async Task Failing_account_store_is_an_internal_error_that_the_log_explains()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new ServerSetup(new FakeDirectory()) { ExpectErrors = true });
        using TestClient client = await server.ConnectAsync();
        LdapResult result = await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Broken, "x"));
        Assert.Equal(LdapResultCode.Other, result.Code);
        Assert.DoesNotContain("fire", result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Contains(server.Log.Lines, l => l.Exception is InvalidDataException);
    }

    [Fact]
    public async Task Password_never_reaches_the_log_and_its_memory_is_zeroed()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        ReadOnlyMemory<byte> kept = default;
        server.Authenticator.OnBind = (request, _, _) =>
        {
            kept = ((SimpleCredentials)request.Credentials).Password;
            return Task.FromResult(new LdapBindOutcome(new LdapResult(LdapResultCode.InvalidCredentials), "", null));
        };
        using TestClient client = await server.ConnectAsync();
        await client.ResultAsync(BindRequest.Simple("cn=x", "Tr0ub4dor"));
        await client.ResultAsync(new ExtendedRequest(LdapOids.WhoAmI)); // the zeroing follows the answer
        Assert.All(kept.ToArray(), b => Assert.Equal(0, b));
        Assert.DoesNotContain(server.Log.Lines, l => l.Text.Contains("Tr0ub4dor", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bind_abandons_searches_and_waits_for_updates()
    {
        TaskCompletionSource<LdapResult> add = new();
        TaskCompletionSource searchEnded = new();
        FakeDirectory directory = new() { OnAdd = (_, _) => add.Task, OnSearch = (_, token) => Endless.Search(token, searchEnded) };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectBoundAsync();
        await client.SendAsync(new SearchRequest("", SearchScope.BaseObject, Filter.Anything, []));
        int addId = await client.SendAsync(new AddRequest("cn=new,o=test"));
        int bindId = await client.SendAsync(Wrong);
        await searchEnded.Task.WaitAsync(TestClient.Patience);
        Assert.DoesNotContain(server.Log.Lines, l => l.Text.Contains("InvalidCredentials", StringComparison.Ordinal)); // the bind still waits
        add.SetResult(LdapResult.Success);

        LdapMessage first = (await client.ReceiveAsync())!;
        LdapMessage second = (await client.ReceiveAsync())!;
        Assert.Equal((addId, bindId), (first.MessageId, second.MessageId));
    }

    internal static async Task<string> WhoAsync(TestClient client) =>
        Encoding.UTF8.GetString(((ExtendedResponse)(await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI))).Operation).Value!.Value.Span);

    private static async Task<int> CountAsync(TestClient client) =>
        (await client.SearchAsync(new SearchRequest("o=test", SearchScope.WholeSubtree, Filter.Anything, []))).Entries.Count;
}
