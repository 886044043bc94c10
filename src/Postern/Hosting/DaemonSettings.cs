using System.Net;
using Postern.Certificates;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Settings;
using Postern.Transport;

namespace Postern.Hosting;

/// <summary>What an edge is started with.</summary>
/// <param name="DataFolder">Absolute.</param>
public sealed record EdgeHostOptions(string DataFolder, string Fqdn, IPEndPoint Ldaps, IPEndPoint Ldap, SocketmapEndpoint Socketmap)
{
    /// <summary>Of Edge-Cert, when there is none yet.</summary>
    public KeyAlgorithm KeyAlgorithm { get; init; } = KeyAlgorithm.EcdsaP256;

    /// <summary>When Edge-Cert is renewed.</summary>
    public CertificateTimetable Certificates { get; init; } = new();

    /// <summary>Where the management API listens; null: nowhere.</summary>
    public IPEndPoint? Https { get; init; }

    /// <summary>Lets every program on this machine look things up on the plain loopback listener without logging on. Default false.</summary>
    public bool AnonymousLookup { get; init; }
}

/// <summary>What a hub is started with.</summary>
/// <param name="DataFolder">Absolute.</param>
public sealed record HubHostOptions(string DataFolder, string Fqdn, HubSettings Settings)
{
    /// <summary>Where the management API listens; null: nowhere.</summary>
    public IPEndPoint? Https { get; init; }
}
