using System.Net;
using Postern.Certificates;
using Postern.EdgeSync.Settings;
using Postern.Transport;

namespace Postern.Hosting;

/// <summary>What an edge is started with.</summary>
/// <param name="DataFolder">Absolute.</param>
public sealed record EdgeHostOptions(string DataFolder, string Fqdn, IPEndPoint Ldaps, IPEndPoint Ldap, SocketmapEndpoint Socketmap)
{
    /// <summary>Of Edge-Cert, when there is none yet.</summary>
    public KeyAlgorithm KeyAlgorithm { get; init; } = KeyAlgorithm.EcdsaP256;
}

/// <summary>What a hub is started with.</summary>
/// <param name="DataFolder">Absolute.</param>
public sealed record HubHostOptions(string DataFolder, string Fqdn, HubSettings Settings);
