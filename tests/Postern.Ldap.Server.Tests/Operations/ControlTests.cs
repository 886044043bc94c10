namespace Postern.Ldap.Server.Tests.Operations;

/// <summary>RFC 4511 section 4.1.11: who gets a control, who refuses it.</summary>
[Trait("RFC", "4511")]
public class ControlTests
{
    private static readonly LdapControl Known = new(LdapOids.ManageDsaIt, true, null);

    [Fact]
    public async Task Honoured_controls_reach_the_directory_and_others_do_not()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(1));
        using TestClient client = await server.ConnectBoundAsync();
        LdapControl unknown = new("1.2.3", false, new byte[] { 1 });
        LdapOperation[] requests =
        [
            SearchRequest.ReadEntry("cn=p0,o=test"), new CompareRequest("cn=p0,o=test", "cn", "p0"u8.ToArray()),
            new ModifyRequest("cn=p0,o=test"), new AddRequest("cn=new,o=test"), new DelRequest("cn=new,o=test"),
        ];
        foreach (LdapOperation request in requests)
        {
            int id = await client.SendAsync(request, Known, unknown);
            while ((await client.ReceiveAsync())!.Operation is SearchResultEntry)
            {
            }

            Assert.Equal([Known.Oid], server.Directory.LastControls!.Select(c => c.Oid));
            await client.SendAsync(new AbandonRequest(id));
        }
    }

    [Fact]
    public async Task Critical_ones_that_nobody_honours_refuse_the_request_by_name()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        LdapControl unknown = new("1.2.3", true, null);
        LdapOperation[] requests =
        [
            SearchRequest.ReadEntry(""), new AddRequest("cn=new,o=test"), new ExtendedRequest(LdapOids.WhoAmI),
            BindRequest.Simple(FakeAuthenticator.Admin, "secret"),
        ];
        foreach (LdapOperation request in requests)
        {
            LdapResult result = await client.ResultAsync(request, unknown);
            Assert.Equal(LdapResultCode.UnavailableCriticalExtension, result.Code);
            Assert.Contains("1.2.3", result.DiagnosticMessage, StringComparison.Ordinal);
        }

        Assert.Empty(server.Directory.Names);
    }

    [Fact]
    public async Task Criticality_counts_for_nothing_where_no_answer_is_sent()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendAsync(new AbandonRequest(99), new LdapControl("1.2.3", true, null));
        Assert.True((await client.ResultAsync(new ExtendedRequest(LdapOids.WhoAmI))).IsSuccess);
    }

    [Fact]
    public async Task Twice_the_same_is_a_protocol_error()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(SearchRequest.ReadEntry(""), Known, Known)).Code);
    }

    [Fact]
    public async Task Response_controls_and_intermediate_responses_reach_the_client()
    {
        FakeDirectory directory = new FakeDirectory().WithPeople(1);
        directory.EntryControls = [new LdapControl("1.2.3.1", false, new byte[] { 1 })];
        directory.ResponseControls = [new LdapControl("1.2.3.2", false, new byte[] { 2 })];
        directory.Info = new IntermediateResponse("1.2.3.3", new byte[] { 3 });
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectBoundAsync();
        int id = await client.SendAsync(SearchRequest.ReadEntry("cn=p0,o=test"));
        LdapMessage entry = (await client.ReceiveAsync())!;
        LdapMessage info = (await client.ReceiveAsync())!;
        LdapMessage done = (await client.ReceiveAsync())!;
        Assert.All(new[] { entry, info, done }, message => Assert.Equal(id, message.MessageId));
        Assert.Equal("1.2.3.1", Assert.Single(entry.Controls).Oid);
        Assert.Equal("1.2.3.3", Assert.IsType<IntermediateResponse>(info.Operation).Name);
        Assert.Equal("1.2.3.2", Assert.Single(done.Controls).Oid);
        Assert.Equal("1.2.3.2", Assert.Single((await client.AskAsync(new AddRequest("cn=x,o=test"))).Controls).Oid);
        Assert.Equal("1.2.3.2", Assert.Single((await client.AskAsync(new CompareRequest("cn=x,o=test", "cn", "x"u8.ToArray()))).Controls).Oid);
    }

    [Theory]
    [InlineData(true, false, LdapResultCode.Success)]
    [InlineData(false, false, LdapResultCode.ProtocolError)]
    [InlineData(true, true, LdapResultCode.ProtocolError)]
    [Trait("RFC", "6171")]
    public async Task Do_not_use_copy_is_obeyed_and_its_form_checked(bool critical, bool value, LdapResultCode expected)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(1));
        using TestClient client = await server.ConnectAsync();
        ReadOnlyMemory<byte>? octets = null;
        if (value)
        {
            octets = new byte[] { 1 };
        }

        LdapControl control = new(LdapOids.DontUseCopy, critical, octets);
        Assert.Equal(expected, (await client.ResultAsync(SearchRequest.ReadEntry("cn=nobody,o=test"), control)).Code);
        await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"));
        Assert.Equal(
            critical ? LdapResultCode.UnavailableCriticalExtension : LdapResultCode.Success,
            (await client.ResultAsync(new AddRequest("cn=x,o=test"), control)).Code);
    }

    [Theory]
    [InlineData(true, LdapResultCode.UnavailableCriticalExtension)]
    [InlineData(false, LdapResultCode.ProtocolError)]
    [Trait("RFC", "4370")]
    public async Task Proxied_authorization_is_refused_in_any_case(bool critical, LdapResultCode expected)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        LdapControl control = new(LdapOids.ProxiedAuthorization, critical, "dn:cn=other"u8.ToArray());
        Assert.Equal(expected, (await client.ResultAsync(new AddRequest("cn=x,o=test"), control)).Code);
        Assert.Equal(expected, (await client.ResultAsync(SearchRequest.ReadEntry(""), control)).Code);
        Assert.Empty(server.Directory.Names);
        Assert.DoesNotContain(LdapOids.ProxiedAuthorization, LdapServer.Controls);
    }
}
