using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>A machine that answers hubs in an attacker's way: with a certificate of its choice, and keeping every octet that it was told.</summary>
internal sealed class HostileEdge : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Func<LdapMessage, IReadOnlyList<LdapOperation>?> _answer;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _sessions = [];
    private readonly MemoryStream _heard = new();
    private readonly Task _accepting;

    /// <param name="answer">To each message; null: nothing. May throw to send raw octets, see <see cref="Raw"/>.</param>
    public HostileEdge(X509Certificate2 certificate, Func<LdapMessage, IReadOnlyList<LdapOperation>?> answer)
    {
        (_certificate, _answer) = (certificate, answer);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Octets that it sends to whoever has shaken hands, whatever they say; null: answers.</summary>
    public byte[]? Raw { get; init; }

    /// <summary>Sent again and again, until the hub has had enough.</summary>
    public bool Endless { get; init; }

    public int Handshakes { get; private set; }

    /// <summary>What hubs said under TLS, all of it.</summary>
    public byte[] Heard
    {
        get
        {
            lock (_heard)
            {
                return _heard.ToArray();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_end.Token);
                _sessions.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using SslStream tls = new(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
            Handshakes++;
            if (Raw is not null)
            {
                await tls.WriteAsync(Raw, _end.Token);
            }

            byte[] buffer = new byte[4 * 1024 * 1024];
            int filled = 0;
            while (await tls.ReadAsync(buffer.AsMemory(filled), _end.Token) is > 0 and int read)
            {
                lock (_heard)
                {
                    _heard.Write(buffer, filled, read);
                }

                filled += read;
                while (LdapCodec.TryFrame(new ReadOnlySequence<byte>(buffer, 0, filled), LdapLimits.Default, out int length) == LdapFrameStatus.Complete)
                {
                    LdapMessage message = LdapCodec.Decode(buffer.AsSpan(0, length).ToArray(), LdapLimits.Default);
                    buffer.AsSpan(length, filled - length).CopyTo(buffer);
                    filled -= length;
                    await AnswerAsync(tls, message);
                }
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException or LdapProtocolException)
        {
            // The hub has had enough, or the test is over.
        }
    }

    private async Task AnswerAsync(SslStream tls, LdapMessage message)
    {
        do
        {
            foreach (LdapOperation operation in _answer(message) ?? [])
            {
                await tls.WriteAsync(LdapCodec.Encode(new LdapMessage(message.MessageId, operation)), _end.Token);
            }
        }
        while (Endless && message.Operation is SearchRequest { Scope: not SearchScope.BaseObject });
    }
}
