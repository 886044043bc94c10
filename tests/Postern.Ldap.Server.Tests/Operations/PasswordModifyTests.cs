namespace Postern.Ldap.Server.Tests.Operations;

[Trait("RFC", "3062")]
public class PasswordModifyTests
{
    private static readonly ExtendedRequest Change = new(LdapOids.PasswordModify, PasswordModifyCodec.Encode(new PasswordModification(null, "old"u8.ToArray(), null)));

    [Fact]
    public async Task Request_goes_to_the_directory_under_the_own_name_and_its_answer_comes_back()
    {
        byte[] generated = PasswordModifyCodec.EncodeResponse("made"u8.ToArray())!;
        string? old = null;
        string? own = null;
        FakeDirectory directory = new()
        {
            OnPassword = (request, name) =>
            {
                own = name;
                old = System.Text.Encoding.UTF8.GetString(PasswordModifyCodec.Decode(request.Value, LdapLimits.Default).OldPassword!.Value.Span);
                return new LdapAnswer(LdapResult.Success, [], generated);
            },
        };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectBoundAsync();
        ExtendedResponse answer = (ExtendedResponse)(await client.AskAsync(Change)).Operation;
        Assert.Equal((FakeAuthenticator.Admin, "old"), (own, old));
        Assert.Equal(generated, answer.Value!.Value.ToArray());
    }

    [Fact]
    public async Task Nobody_changes_a_password_before_a_bind()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.StrongerAuthRequired, (await client.ResultAsync(Change)).Code);
    }
}
