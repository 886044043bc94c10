namespace Postern.Ldap.Client.Tests.Scripted;

public sealed class ControlledUpdateTests
{
    private static readonly LdapControl Asked = new(LdapOids.PreRead, Critical: true, new byte[] { 0x30, 0 });
    private static readonly LdapControl Answered = new(LdapOids.PreRead, Critical: false, new byte[] { 2 });

    public static TheoryData<LdapOperation, LdapOperation> Updates => new()
    {
        { new AddRequest("cn=a"), new AddResponse(LdapResult.Success) },
        { new ModifyRequest("cn=a"), new ModifyResponse(new LdapResult(LdapResultCode.NoSuchObject)) },
        { new DelRequest("cn=a"), new DelResponse(LdapResult.Success) },
        { new ModifyDnRequest("cn=a", "cn=b", true), new ModifyDnResponse(new LdapResult(LdapResultCode.AssertionFailed)) },
    };

    [Theory]
    [MemberData(nameof(Updates))]
    public async Task Controls_go_and_come_with_every_kind_of_update(LdapOperation request, LdapOperation response)
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            LdapMessage message = await session.ReadAsync();
            Assert.Equal(request.GetType(), message.Operation.GetType());
            Assert.Equal(Asked.Oid, Assert.Single(message.Controls).Oid);
            await session.SendAsync(new LdapMessage(message.MessageId, response, [Answered]));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        LdapAnswer answer = await connection.UpdateAsync((IUpdateOperation)request, [Asked]);

        Assert.Equal(((dynamic)response).Result.Code, answer.Result.Code);
        Assert.Equal(Answered.Oid, Assert.Single(answer.Controls).Oid);
    }

    [Fact]
    public async Task Controls_go_and_come_with_a_comparison()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            LdapMessage message = await session.ReadAsync();
            Assert.Equal(Asked.Oid, Assert.Single(message.Controls).Oid);
            await session.SendAsync(new LdapMessage(message.MessageId, new CompareResponse(new LdapResult(LdapResultCode.CompareTrue)), [Answered]));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        LdapAnswer answer = await connection.CompareAsync(new CompareRequest("cn=a", "cn", "a"u8.ToArray()), [Asked]);

        Assert.Equal(LdapResultCode.CompareTrue, answer.Result.Code);
        Assert.Single(answer.Controls);
    }
}
