using System.Net.Sockets;
using Postern.Ldap.Client.Tests.Scripted;
using Postern.Ldap.Client.Wire;

namespace Postern.Ldap.Client.Tests.Wire;

public sealed class LdapWireTests
{
    /// <summary>A bind needs an idle connection. Once, the operation answered before it was still in the table when its caller went on.</summary>
    [Fact]
    public async Task Operation_is_no_longer_pending_when_its_caller_is_answered()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI(""));
            await session.UntilClosedAsync();
        });
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", peer.Port);
        await using LdapWire wire = new(socket, new NetworkStream(socket, ownsSocket: true), peer.Options, lastId: 0);
        wire.Start();
        CountingOperation operation = new(() => wire.PendingCount);

        wire.Send(new ExtendedRequest(LdapOids.WhoAmI), [], operation);

        Assert.Equal(0, await operation.PendingWhenAnswered.Task);
    }

    private sealed class CountingOperation(Func<int> pending) : PendingOperation
    {
        public TaskCompletionSource<int> PendingWhenAnswered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool IsEnd(LdapMessage message) => true;

        public override void Accept(LdapMessage message, int octets) => PendingWhenAnswered.SetResult(pending());

        public override void Fail(LdapConnectionException failure) => PendingWhenAnswered.TrySetException(failure);
    }
}
