using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>A server on loopback that accepts one connection and does to it what the test says.</summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly bool _tls;

    private ScriptedPeer(TcpListener listener, Func<PeerSession, Task> script, X509Certificate2? certificate, bool tlsAtOnce)
    {
        _listener = listener;
        _tls = tlsAtOnce;
        Finished = Task.Run(async () =>
        {
            using Socket socket = await listener.AcceptSocketAsync();
            socket.NoDelay = true;
            await using PeerSession session = new(socket, certificate);
            if (tlsAtOnce)
            {
                await session.HandshakeAsync();
            }

            await script(session);
        });
    }

    /// <summary>Ends with the script; carries its failure.</summary>
    public Task Finished { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public LdapClientOptions Options => new() { Endpoint = new LdapEndpoint("127.0.0.1", Port, _tls) };

    public static ScriptedPeer Plain(Func<PeerSession, Task> script, X509Certificate2? startTlsCertificate = null) => Start(script, startTlsCertificate, tlsAtOnce: false);

    public static ScriptedPeer Tls(X509Certificate2 certificate, Func<PeerSession, Task> script) => Start(script, certificate, tlsAtOnce: true);

    private static ScriptedPeer Start(Func<PeerSession, Task> script, X509Certificate2? certificate, bool tlsAtOnce)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return new ScriptedPeer(listener, script, certificate, tlsAtOnce);
    }

    public Task<LdapConnection> ConnectAsync(Func<LdapClientOptions, LdapClientOptions>? change = null) =>
        LdapConnection.ConnectAsync(change is null ? Options : change(Options));

    /// <summary>Waits for the script's end: its handshake may still be using the test's certificate, which is disposed of next.</summary>
    public async ValueTask DisposeAsync()
    {
        // A script that still waits for the client ends with the listener or with the client's connection.
        _listener.Dispose();
        await Finished.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
