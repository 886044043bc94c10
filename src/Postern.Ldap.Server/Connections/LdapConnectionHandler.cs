using System.Net;
using Microsoft.AspNetCore.Connections;
using Postern.Ldap.Server.Sessions;
using Postern.Ldap.Server.Tls;

namespace Postern.Ldap.Server.Connections;

/// <summary>What a listener hands its connections to: counts, shakes hands, runs the session.</summary>
internal sealed class LdapConnectionHandler(ServerContext server, ConnectionCounter counter, ActiveConnections active, bool tls)
{
    /// <summary>Refusals that are explained at the same time. Under a flood the rest is closed without a word: explaining must not
    /// become the load that the limits are there to keep out.</summary>
    public const int MaxExplainedRefusals = 16;

    private int _refusals;

    /// <param name="remote">Who is at the other end: an address, or a <see cref="UnixPeer"/>.</param>
    public async Task RunAsync(ConnectionContext connection, EndPoint? remote)
    {
        EndPoint? endPoint = remote is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
            ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
            : remote;
        IPAddress address = (endPoint as IPEndPoint)?.Address ?? IPAddress.None;
        LdapPeer peer = new(endPoint, IsTls: false, endPoint is UnixPeer || IPAddress.IsLoopback(address), ClientCertificate: null);
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
