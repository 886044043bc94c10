using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Client.Tests.Scripted;
using Postern.Ldap.Client.Wire;
using Postern.Testing;

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

    /// <summary>Anything else crashed the process now and then: "free(): invalid pointer", or a fault in SSL_do_handshake.</summary>
    [Fact]
    public async Task Tls_is_ended_when_nothing_reads_or_writes_any_more()
    {
        using Certs certs = Certs.Create();
        using X509Certificate2 server = certs.IssueServer();
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, session => session.UntilClosedAsync());
        (LdapWire wire, WatchedTls tls) = await ConnectAsync(peer, server);
        wire.Start();
        await tls.Reading.Task;

        await wire.DisposeAsync();

        Assert.Equal(0, tls.UnderWayAtShutdown);
    }

    [Fact]
    public async Task Nothing_follows_the_unbind()
    {
        using Certs certs = Certs.Create();
        using X509Certificate2 server = certs.IssueServer();
        List<LdapOperation> received = [];
        await using ScriptedPeer peer = ScriptedPeer.Tls(server, async session =>
        {
            (int id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI(""));
            while (await session.TryReadAsync() is { } message)
            {
                received.Add(message.Operation);
            }
        });
        (LdapWire wire, WatchedTls tls) = await ConnectAsync(peer, server);
        wire.Start();

        // A socket closed with the server's session tickets unread would reset the connection; they come before this answer.
        CountingOperation first = new(() => 0);
        wire.Send(new ExtendedRequest(LdapOids.WhoAmI), [], first);
        await first.PendingWhenAnswered.Task;
        Exception? refused = null;
        tls.BeforeShutdown = () => refused = Record.Exception(() => wire.Send(new ExtendedRequest(LdapOids.WhoAmI), [], new CountingOperation(() => 0)));

        await wire.DisposeAsync();

        Assert.IsType<LdapConnectionException>(refused);
        await peer.Finished;
        Assert.IsType<UnbindRequest>(Assert.Single(received));
    }

    private static async Task<(LdapWire Wire, WatchedTls Tls)> ConnectAsync(ScriptedPeer peer, X509Certificate2 server)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", peer.Port);
        WatchedTls tls = new(new NetworkStream(socket, ownsSocket: true), server);
        await tls.AuthenticateAsClientAsync("localhost");
        return (new LdapWire(socket, tls, peer.Options, lastId: 0), tls);
    }

    /// <summary>Counts what is under way.</summary>
    private sealed class WatchedTls(Stream transport, X509Certificate2 server)
        : SslStream(transport, leaveInnerStreamOpen: false, (_, shown, _, _) => shown?.GetCertHashString() == server.Thumbprint)
    {
        private int _underWay;

        /// <summary>Set when the first read begins.</summary>
        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int? UnderWayAtShutdown { get; private set; }

        public Action? BeforeShutdown { get; set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _underWay);
            try
            {
                Reading.TrySetResult();
                return await base.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _underWay);
            try
            {
                await base.WriteAsync(buffer, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        }

        public override Task ShutdownAsync()
        {
            UnderWayAtShutdown = Volatile.Read(ref _underWay);
            BeforeShutdown?.Invoke();
            return base.ShutdownAsync();
        }
    }

    private sealed class CountingOperation(Func<int> pending) : PendingOperation
    {
        public TaskCompletionSource<int> PendingWhenAnswered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool IsEnd(LdapMessage message) => true;

        public override void Accept(LdapMessage message, int octets) => PendingWhenAnswered.SetResult(pending());

        public override void Fail(LdapConnectionException failure) => PendingWhenAnswered.TrySetException(failure);
    }
}
