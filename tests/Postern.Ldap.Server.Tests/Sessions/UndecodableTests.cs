using Postern.Ldap.Codec;

namespace Postern.Ldap.Server.Tests.Sessions;

/// <summary>RFC 4511 section 4.1.1: what is well-formed and not right is answered under its own id, and the session lives on.</summary>
[Trait("RFC", "4511")]
public class UndecodableTests
{
    private static readonly LdapLimits Small = LdapLimits.Default with
    {
        MaxFilterDepth = 3,
        MaxFilterNodes = 4,
        MaxAttributes = 2,
        MaxValues = 2,
        MaxDnBytes = 20,
        MaxControls = 1,
    };

    private static readonly Filter Leaf = new PresentFilter("cn");

    public static TheoryData<string, LdapOperation> AboveALimit() => new()
    {
        { "nested deeper than 3", new SearchRequest("", SearchScope.BaseObject, new NotFilter(new NotFilter(new NotFilter(Leaf))), []) },
        { "more than 4 nodes", new SearchRequest("", SearchScope.BaseObject, new AndFilter([Leaf, Leaf, Leaf, Leaf]), []) },
        { "attributes: more than 2", new SearchRequest("", SearchScope.BaseObject, Leaf, ["a", "b", "c"]) },
        { "attributes: more than 2", new AddRequest("cn=x", new LdapAttribute("a", "1"), new LdapAttribute("b", "1"), new LdapAttribute("c", "1")) },
        { "more than 2 values", new AddRequest("cn=x", new LdapAttribute("a", "1", "2", "3")) },
        { "20 are allowed", new DelRequest("cn=" + new string('x', 18)) },
        { "20 are allowed", new CompareRequest("cn=" + new string('x', 18), "cn", new byte[1]) },
        { "20 are allowed", BindRequest.Simple("cn=" + new string('x', 18), "secret") },
    };

    [Theory]
    [MemberData(nameof(AboveALimit))]
    public async Task Request_above_a_limit_is_answered_with_its_name(string limit, LdapOperation request)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new LdapServerOptions { Limits = Small, UnauthenticatedLimits = Small });
        using TestClient client = await server.ConnectAsync();
        LdapResult result = await client.ResultAsync(request);
        Assert.Equal(LdapResultCode.AdminLimitExceeded, result.Code);
        Assert.Contains(limit, result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.True((await client.ResultAsync(new ExtendedRequest(LdapOids.WhoAmI))).IsSuccess);
    }

    [Fact]
    public async Task Controls_above_the_limit_are_answered()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new LdapServerOptions { UnauthenticatedLimits = Small });
        using TestClient client = await server.ConnectAsync();
        LdapControl control = new("1.2.3", false, null);
        LdapResult result = await client.ResultAsync(new ExtendedRequest(LdapOids.WhoAmI), control, control);
        Assert.Equal((LdapResultCode.AdminLimitExceeded, "controls: more than 1"), (result.Code, result.DiagnosticMessage));
    }

    [Theory]
    [InlineData("30 0d 02 01 05 63 08 04 01 ff 0a 01 00 0a 00", 5)] // a search whose base is no UTF-8
    [InlineData("30 08 02 01 06 4a 03 63 6e ff", 6)] // a delete whose name is no UTF-8
    [InlineData("30 05 02 01 07 77 00", 7)] // an extended request without a name
    [InlineData("30 05 02 01 08 60 00", 8)] // an empty bind
    public async Task Well_formed_nonsense_is_a_protocol_error_under_its_id(string hex, int id)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendRawAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        LdapMessage answer = (await client.ReceiveAsync())!;
        Assert.Equal((id, LdapResultCode.ProtocolError), (answer.MessageId, TestClient.ResultOf(answer.Operation).Code));
        Assert.True(TestClient.ResultOf((await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI))).Operation).IsSuccess);
    }

    [Theory]
    [InlineData("30 06 02 01 05 63 02 04 05")] // a string that is longer than the request around it
    [InlineData("30 05 02 01 05 7e 00")] // an operation that does not exist
    [InlineData("30 05 02 01 00 60 00")] // message id 0
    [InlineData("30 05 02 01 05 50 00")] // an abandon of nothing has no answer
    public async Task Damaged_structure_ends_the_session(string hex)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendRawAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ExpectNoticeAsync()).Code);
        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Undecodable_bind_leaves_an_anonymous_session()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        Assert.Equal($"dn:{FakeAuthenticator.Admin}", await BindTests.WhoAsync(client));
        await client.SendRawAsync(LdapCodec.Encode(new LdapMessage(77, BindRequest.Simple(new string('x', 9000), "secret"))));
        Assert.Equal(LdapResultCode.AdminLimitExceeded, TestClient.ResultOf((await client.ReceiveAsync())!.Operation).Code);
        Assert.Equal("", await BindTests.WhoAsync(client));
    }
}
