using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.Ldap;
using Postern.Ldap.Codec;
using Postern.Ldap.Server;
using Postern.Testing;

namespace Postern.Fuzzing.Tests.Targets;

/// <summary>
/// A server on loopback in front of a directory on disk. Each input goes over a connection of its own, bound or not. What ends within
/// a message is followed by the end of the stream, anything else by one more request; the server must close or answer. Now and then a
/// fresh connection binds and searches.
/// </summary>
internal sealed class ServerTarget : IAsyncDisposable
{
    private const string Suffix = "o=fuzz";
    private const int Entries = 50;

    /// <summary>Inputs between two looks at the server's health.</summary>
    private const int HealthEvery = 100;

    /// <summary>messageID of the request after the input.</summary>
    private const int LastId = int.MaxValue;

    /// <summary>Long enough for a machine under load; who waits longer waits for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Octets that may stay in use after any number of inputs, garbage collected.</summary>
    private const long MemorySlack = 64L * 1024 * 1024;

    private readonly TempFolder _folder;
    private readonly DirectoryEngine _engine;
    private readonly LdapServer _server;
    private readonly long _memory;
    private int _inputs;

    private ServerTarget(TempFolder folder, DirectoryEngine engine, LdapServer server)
    {
        (_folder, _engine, _server) = (folder, engine, server);
        Target = new FuzzTarget("server", 3000, Corpus.Messages, input => TryAsync(input).GetAwaiter().GetResult());
        _memory = GC.GetTotalMemory(forceFullCollection: true);
    }

    public FuzzTarget Target { get; }

    public static async Task<ServerTarget> StartAsync()
    {
        TempFolder folder = new();
        DirectoryOptions options = new() { Path = folder["fuzz.db"], Suffixes = [Suffix], IndexedAttributes = ["cn"], MaxFileKiB = 64 * 1024 };
        DirectoryEngine engine = DirectoryEngine.Open(options, PosternSchema.Edge, new FuzzPolicy(Suffix), TimeProvider.System);
        IDirectory system = engine.As(Principal.System);
        (await system.AddAsync(new AddRequest(Suffix, new LdapAttribute("objectClass", "organization")))).ThrowIfFailed("fuzz");
        for (int i = 0; i < Entries; i++)
        {
            (await system.AddAsync(new AddRequest($"cn=e{i},{Suffix}", new LdapAttribute("objectClass", "person"), new LdapAttribute("sn", $"s{i}")))).ThrowIfFailed("fuzz");
        }

        LdapServer server = await LdapServer.StartAsync(
            new LdapServerOptions(), [new LdapListener(new IPEndPoint(IPAddress.Loopback, 0), Tls: false)], certificate: null,
            new FuzzAuthenticator(engine), NullLoggerFactory.Instance, TimeProvider.System);
        return new ServerTarget(folder, engine, server);
    }

    /// <summary>No connection is left, the indexes agree with the entries, and memory is back where it was.</summary>
    public async Task MustBeIdleAsync()
    {
        await MustAnswerAsync();
        long deadline = TimeProvider.System.GetTimestamp();
        while (_server.ConnectionCount > 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, $"{_server.ConnectionCount} connections stay open though their peers are gone");
            await Task.Yield();
        }

        Assert.Empty(await _engine.CheckAsync());
        long grown = GC.GetTotalMemory(forceFullCollection: true) - _memory;
        Assert.True(grown < MemorySlack, $"{grown} octets more than before are in use");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<string> TryAsync(byte[] input)
    {
        // A replayed input takes the same way whatever came before: what precedes it is in the input itself.
        string answer = await SendAsync((input.Length % 4) switch
        {
            0 => input,
            1 => [.. Bind(), .. LdapCodec.Encode(new LdapMessage(2, StartBulkUpdate)), .. input],
            _ => [.. Bind(), .. input],
        });
        if (++_inputs % HealthEvery == 1)
        {
            await MustAnswerAsync();
        }

        return answer;
    }

    /// <returns>What kinds of answers came before the server closed.</returns>
    private async Task<string> SendAsync(byte[] octets)
    {
        using CancellationTokenSource patience = new(Patience);
        using Socket socket = await ConnectAsync(patience.Token);
        List<string> answers = [];
        try
        {
            // The end of the stream ends operations in flight, so it comes early only where nothing else can follow.
            bool whole = IsWhole(octets);
            Task sending = SendAllAsync(socket, whole ? [.. octets, .. WhoAmI] : octets, end: !whole, patience.Token);
            await foreach (LdapMessage message in ReceiveAsync(socket, patience.Token))
            {
                string result = message.Operation switch
                {
                    ExtendedResponse r => r.Result.DiagnosticMessage,
                    SearchResultDone r => r.Result.DiagnosticMessage,
                    BindResponse r => r.Result.Code.ToString(),
                    ModifyResponse r => r.Result.DiagnosticMessage,
                    AddResponse r => r.Result.DiagnosticMessage,
                    _ => "",
                };
                answers.Add($"{message.Operation.GetType().Name} {result}");
                if (message.MessageId is LastId or 0)
                {
                    break;
                }
            }

            await sending;
        }
        catch (SocketException)
        {
            // The server may reset a connection whose octets it will not read.
            answers.Add("reset");
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"the server neither answered nor closed within {Patience}", e);
        }

        return string.Join(';', answers.Distinct());
    }

    /// <summary>A fresh connection binds and finds what nobody may change.</summary>
    private async Task MustAnswerAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        using Socket socket = await ConnectAsync(patience.Token);
        SearchRequest search = new(Suffix, SearchScope.BaseObject, Filter.Anything, ["o"]);
        await SendAllAsync(socket, [.. Bind(), .. LdapCodec.Encode(new LdapMessage(LastId, search))], end: false, patience.Token);
        List<LdapOperation> answers = [];
        await foreach (LdapMessage message in ReceiveAsync(socket, patience.Token))
        {
            answers.Add(message.Operation);
            if (message.Operation is SearchResultDone)
            {
                break;
            }
        }

        Assert.Collection(
            answers,
            a => Assert.Equal(LdapResultCode.Success, ((BindResponse)a).Result.Code),
            a => Assert.Equal(Suffix, ((SearchResultEntry)a).Entry.Dn),
            a => Assert.Equal(LdapResultCode.Success, ((SearchResultDone)a).Result.Code));
    }

    private static byte[] Bind() => LdapCodec.Encode(new LdapMessage(1, BindRequest.Simple($"cn=e0,{Suffix}", "secret")));

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_server.EndPoints[0], cancellationToken);
        return socket;
    }

    private static ExtendedRequest StartBulkUpdate { get; } = new(LdapOids.StartLburpRequest, Lburp.EncodeStart(LdapOids.LburpIncrementalStyle));

    private static byte[] WhoAmI { get; } = LdapCodec.Encode(new LdapMessage(LastId, new ExtendedRequest(LdapOids.WhoAmI)));

    /// <summary>Whether octets are messages, one after the other to the end, or such that the server closes at once.</summary>
    private static bool IsWhole(byte[] octets)
    {
        for (int at = 0; at < octets.Length;)
        {
            LdapFrameStatus status = LdapCodec.TryFrame(new ReadOnlySequence<byte>(octets.AsMemory(at)), LdapLimits.Default, out int length);
            if (status != LdapFrameStatus.Complete)
            {
                return status != LdapFrameStatus.Incomplete;
            }

            at += length;
        }

        return true;
    }

    private static async Task SendAllAsync(Socket socket, byte[] octets, bool end, CancellationToken cancellationToken)
    {
        for (int sent = 0; sent < octets.Length;)
        {
            sent += await socket.SendAsync(octets.AsMemory(sent), cancellationToken);
        }

        if (end)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static async IAsyncEnumerable<LdapMessage> ReceiveAsync(
        Socket socket, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<byte> pending = [];
        byte[] buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and int received)
        {
            pending.AddRange(buffer.AsSpan(0, received));
            byte[] octets = [.. pending];
            int at = 0;
            while (LdapCodec.TryFrame(new ReadOnlySequence<byte>(octets.AsMemory(at)), LdapLimits.Default, out int length) == LdapFrameStatus.Complete)
            {
                yield return LdapCodec.Decode(octets.AsMemory(at, length), LdapLimits.Default);
                at += length;
            }

            pending.RemoveRange(0, at);
        }
    }

    /// <summary>Everybody reads; who is bound writes, but not the naming context itself.</summary>
    private sealed class FuzzPolicy(string suffix) : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) => true;

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => principal.Role == DirectoryRole.Replication && normalizedDn != suffix;

        public bool MayReadAttribute(Principal principal, string attribute) => true;
    }

    private sealed class FuzzAuthenticator(DirectoryEngine engine) : ILdapAuthenticator
    {
        public IControlledDirectory Anonymous(LdapPeer peer) => engine.As(Principal.Nobody);

        public Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken) => Task.FromResult(
            request.Credentials is SimpleCredentials simple && simple.Password.Span.SequenceEqual("secret"u8)
                ? new LdapBindOutcome(LdapResult.Success, "dn:" + request.Name, engine.As(new Principal(request.Name, DirectoryRole.Replication)))
                : new LdapBindOutcome(new LdapResult(LdapResultCode.InvalidCredentials), "", null));
    }
}
