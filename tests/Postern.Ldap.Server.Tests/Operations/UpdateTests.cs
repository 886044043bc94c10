namespace Postern.Ldap.Server.Tests.Operations;

public class UpdateTests
{
    [Fact]
    public async Task Each_operation_gets_its_own_answer()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(2));
        using TestClient client = await server.ConnectBoundAsync();
        Assert.IsType<AddResponse>((await client.AskAsync(new AddRequest("cn=new,o=test"))).Operation);
        Assert.Equal(LdapResultCode.EntryAlreadyExists, (await client.ResultAsync(new AddRequest("cn=new,o=test"))).Code);
        Assert.IsType<ModifyResponse>((await client.AskAsync(new ModifyRequest("cn=new,o=test"))).Operation);
        Assert.IsType<ModifyDnResponse>((await client.AskAsync(new ModifyDnRequest("cn=new,o=test", "cn=newer", true))).Operation);
        Assert.IsType<DelResponse>((await client.AskAsync(new DelRequest("cn=new,o=test"))).Operation);
        Assert.Equal(LdapResultCode.CompareTrue, (await client.ResultAsync(new CompareRequest("cn=p1,o=test", "cn", "p1"u8.ToArray()))).Code);
        Assert.Equal(LdapResultCode.CompareFalse, (await client.ResultAsync(new CompareRequest("cn=p1,o=test", "cn", "p2"u8.ToArray()))).Code);
    }

    [Fact]
    public async Task Updates_reach_the_directory_in_order_and_without_waiting()
    {
        List<string> arrived = [];
        TaskCompletionSource<LdapResult> all = new();
        FakeDirectory directory = new()
        {
            OnAdd = (add, _) =>
            {
                arrived.Add(add.Dn);
                if (arrived.Count == 50)
                {
                    all.SetResult(LdapResult.Success);
                }

                return all.Task; // none ends before the last has come
            },
        };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectBoundAsync();
        for (int i = 0; i < 50; i++)
        {
            await client.SendAsync(new AddRequest($"cn={i},o=test"));
        }

        for (int i = 0; i < 50; i++)
        {
            Assert.True(TestClient.ResultOf((await client.ReceiveAsync())!.Operation).IsSuccess);
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"cn={i},o=test"), arrived);
    }

    [Fact]
    public async Task Unknown_critical_control_refuses_and_a_harmless_one_is_ignored()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        LdapResult refused = await client.ResultAsync(new AddRequest("cn=a,o=test"), new LdapControl("1.2.3.4", Critical: true, null));
        Assert.Equal(LdapResultCode.UnavailableCriticalExtension, refused.Code);
        Assert.Contains("1.2.3.4", refused.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Empty(server.Directory.Names);
        Assert.True((await client.ResultAsync(new AddRequest("cn=a,o=test"), new LdapControl("1.2.3.4", Critical: false, null))).IsSuccess);
        Assert.True((await client.ResultAsync(new AddRequest("cn=b,o=test"), new LdapControl(LdapOids.ManageDsaIt, Critical: true, null))).IsSuccess);
    }

    [Fact]
    public async Task Critical_control_on_a_bind_leaves_an_anonymous_session()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        LdapResult result = await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"), new LdapControl("1.2.3.4", Critical: true, null));
        Assert.Equal(LdapResultCode.UnavailableCriticalExtension, result.Code);
        Assert.Equal("", await Sessions.BindTests.WhoAsync(client));
    }

    [Fact]
    public async Task Unknown_extended_operation_is_a_protocolError_and_the_session_goes_on()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new ExtendedRequest("1.2.3.4.5"))).Code);
        await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI));
    }

    [Fact]
    public async Task Fault_of_the_directory_is_other()
    {
        FakeDirectory directory = new() { OnAdd = (_, _) => throw new InvalidDataException("disk") };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new ServerSetup(directory) { ExpectErrors = true });
        using TestClient client = await server.ConnectBoundAsync();
        Assert.Equal(LdapResultCode.Other, (await client.ResultAsync(new AddRequest("cn=a"))).Code);
    }
}
