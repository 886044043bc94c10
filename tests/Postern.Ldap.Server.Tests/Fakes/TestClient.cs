using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Server.Tests;

/// <summary>A socket that speaks LdapCodec, and whatever else a test wants to send. Every wait ends with an error after <see cref="Patience"/>.</summary>
internal sealed class TestClient : IDisposable
{
    /// <summary>Far above what a healthy server needs; its end is a failed test, never a passed one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly LdapLimits Generous = LdapLimits.Default with { MaxMessageBytes = 64 * 1024 * 1024 };

    private readonly Socket _socket;
    private readonly ArrayBufferWriter<byte> _received = new();
    private Stream _stream;
    private int _consumed;
    private int _nextId = 1;

    private TestClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public Socket Socket => _socket;

    public X509Certificate2? ServerCertificate { get; private set; }

    public static async Task<TestClient> ConnectAsync(IPEndPoint server, int? receiveBufferBytes = null)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(server);
        return new TestClient(socket);
    }

    public async Task HandshakeAsync(X509Certificate2? clientCertificate = null)
    {
        SslStream tls = new(_stream);
        using CancellationTokenSource late = new(Patience);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    ServerCertificate = X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData());
                    return ServerCertificate is not null;
                },
                LocalCertificateSelectionCallback = clientCertificate is null ? null : (_, _, _, _, _) => clientCertificate,
            },
            late.Token);
        _stream = tls;
    }

    public int NewId() => _nextId++;

    public async Task<int> SendAsync(LdapOperation operation, params LdapControl[] controls)
    {
        int id = NewId();
        await SendRawAsync(LdapCodec.Encode(new LdapMessage(id, operation, controls)));
        return id;
    }

    public async Task SendRawAsync(ReadOnlyMemory<byte> octets)
    {
        using CancellationTokenSource late = new(Patience);
        await _stream.WriteAsync(octets, late.Token);
    }

    public async Task<LdapMessage> AskAsync(LdapOperation operation, params LdapControl[] controls)
    {
        int id = await SendAsync(operation, controls);
        LdapMessage answer = await ReceiveAsync() ?? throw new IOException("the server closed the connection");
        Assert.Equal(id, answer.MessageId);
        return answer;
    }

    /// <summary>The result of a request whose answer is one message.</summary>
    public async Task<LdapResult> ResultAsync(LdapOperation operation, params LdapControl[] controls) =>
        ResultOf((await AskAsync(operation, controls)).Operation);

    /// <summary>All entries and the done of one search.</summary>
    public async Task<(List<LdapEntry> Entries, LdapResult Result)> SearchAsync(SearchRequest request)
    {
        int id = await SendAsync(request);
        List<LdapEntry> entries = [];
        while (true)
        {
            LdapMessage message = await ReceiveAsync() ?? throw new IOException("the server closed the connection");
            Assert.Equal(id, message.MessageId);
            switch (message.Operation)
            {
                case SearchResultEntry entry: entries.Add(entry.Entry); break;
                case SearchResultDone done: return (entries, done.Result);
                default: throw new InvalidDataException(message.Operation.ToString());
            }
        }
    }

    /// <summary>The next message; null at the end of the stream, by close or by reset.</summary>
    public async Task<LdapMessage?> ReceiveAsync()
    {
        using CancellationTokenSource late = new(Patience);
        while (true)
        {
            ReadOnlyMemory<byte> have = _received.WrittenMemory[_consumed..];
            switch (LdapCodec.TryFrame(new ReadOnlySequence<byte>(have), Generous, out int length))
            {
                case LdapFrameStatus.Complete:
                    _consumed += length;
                    return LdapCodec.Decode(have[..length].ToArray(), Generous);
                case not LdapFrameStatus.Incomplete:
                    throw new InvalidDataException("the server sent something that is not LDAP");
            }

            if (have.IsEmpty)
            {
                _received.ResetWrittenCount();
                _consumed = 0;
            }

            int count;
            try
            {
                count = await _stream.ReadAsync(_received.GetMemory(64 * 1024), late.Token);
            }
            catch (IOException)
            {
                return null;
            }

            if (count == 0)
            {
                return have.IsEmpty ? null : throw new InvalidDataException("the server's last message is cut off");
            }

            _received.Advance(count);
        }
    }

    /// <summary>Expects a Notice of Disconnection and the end after it.</summary>
    public async Task<LdapResult> ExpectNoticeAsync()
    {
        LdapMessage? message = await ReceiveAsync();
        Assert.NotNull(message);
        Assert.Equal(0, message.MessageId);
        ExtendedResponse notice = Assert.IsType<ExtendedResponse>(message.Operation);
        Assert.Equal(LdapOids.NoticeOfDisconnection, notice.Name);
        return notice.Result;
    }

    public async Task ExpectEndAsync() => Assert.Null(await ReceiveAsync());

    public static LdapResult ResultOf(LdapOperation operation) => operation switch
    {
        BindResponse o => o.Result,
        SearchResultDone o => o.Result,
        ModifyResponse o => o.Result,
        AddResponse o => o.Result,
        DelResponse o => o.Result,
        ModifyDnResponse o => o.Result,
        CompareResponse o => o.Result,
        ExtendedResponse o => o.Result,
        _ => throw new InvalidDataException(operation.ToString()),
    };

    public void Dispose() => _stream.Dispose();
}
