using System.Net;
using Microsoft.AspNetCore.Connections;
using Postern.Ldap.Server.Sessions;
using Postern.Ldap.Server.Tls;

namespace Postern.Ldap.Server.Connections;

/// <summary>What Kestrel's transport hands a listener's connections to: counts, shakes hands, runs the session.</summary>
internal sealed class LdapConnectionHandler(ServerContext server, ConnectionCounter counter, ActiveConnections active, bool tls) : ConnectionHandler
{
    /// <summary>Refusals that are explained at the same time. Under a flood the rest is closed without a word: explaining must not
    /// become the load that the limits are there to keep out.</summary>
    private const int MaxExplainedRefusals = 16;

    private int _refusals;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        IPEndPoint? endPoint = connection.RemoteEndPoint as IPEndPoint;
        if (endPoint is { Address.IsIPv4MappedToIPv6: true })
        {
            endPoint = new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port);
        }

        IPAddress address = endPoint?.Address ?? IPAddress.None;
        LdapPeer peer = new(endPoint, IsTls: false, IPAddress.IsLoopback(address), ClientCertificate: null);
        using ActiveConnection accepted = new(connection);
        using IDisposable _ = active.Add(accepted);
        if (counter.TryEnter(address) is { } reason)
        {
            server.Logger.ConnectionRefused(endPoint, reason);
            await RefuseAsync(accepted, peer, reason).ConfigureAwait(false);
            return;
        }

        try
        {
            LdapSession? session = await BeginAsync(accepted, peer).ConfigureAwait(false);
            if (session is not null)
            {
                await using (session.ConfigureAwait(false))
                {
                    await session.RunAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            counter.Leave(address);
        }
    }

    private async Task<LdapSession?> BeginAsync(ActiveConnection accepted, LdapPeer peer)
    {
        if (!tls)
        {
            return new LdapSession(server, peer, accepted, tls: null);
        }

        TlsTransport? transport = await accepted.TryHandshakeAsync(server, peer.Address).ConfigureAwait(false);
        return transport is null
            ? null
            : new LdapSession(server, peer with { IsTls = true, ClientCertificate = transport.ClientCertificate }, accepted, transport);
    }

    private async Task RefuseAsync(ActiveConnection accepted, LdapPeer peer, string reason)
    {
        try
        {
            if (Interlocked.Increment(ref _refusals) > MaxExplainedRefusals)
            {
                return;
            }

            LdapSession? session = await BeginAsync(accepted, peer).ConfigureAwait(false);
            if (session is not null)
            {
                await using (session.ConfigureAwait(false))
                {
                    await session.CloseAsync(new LdapResult(LdapResultCode.Busy, reason)).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _refusals);
        }
    }
}
