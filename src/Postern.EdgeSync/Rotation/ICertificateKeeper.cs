using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.EdgeSync.Rotation;

/// <summary>Looks after the certificate of one node: on an edge Edge-Cert, on a hub TransportService-Cert.</summary>
public interface ICertificateKeeper
{
    Task<CertificateState> StateAsync(CancellationToken cancellationToken = default);

    /// <summary>Announces a successor now, and changes over to it as soon as all peers trust it.</summary>
    /// <param name="given">With its key; null: the node makes one.</param>
    /// <param name="algorithm">Of the one that the node makes; null: as the current one.</param>
    /// <exception cref="CertificateException">The one that was given cannot be used.</exception>
    Task<CertificateState> RenewAsync(X509Certificate2? given, KeyAlgorithm? algorithm, CancellationToken cancellationToken = default);

    /// <summary>Somebody else may have the key: nothing that it proves or opens counts from now on.</summary>
    /// <exception cref="CertificateException">The one that was given cannot be used.</exception>
    Task<CertificateRevocation> RevokeAsync(X509Certificate2? given, CancellationToken cancellationToken = default);
}

/// <summary>How far a node is with its certificate.</summary>
/// <param name="Name"><c>edge-cert</c> or <c>transport-service-cert</c>.</param>
/// <param name="RenewsAt">When it gets a successor by itself; null: it has one, or was issued by somebody else and is not renewed unasked.</param>
/// <param name="WaitsFor">Peers that do not trust the next one yet, and why; empty when there is no next one.</param>
public sealed record CertificateState(
    string Name, X509Certificate2 Current, X509Certificate2? Next, X509Certificate2? Previous, DateTimeOffset? Announced, DateTimeOffset? Switched,
    DateTimeOffset? RenewsAt, IReadOnlyList<WaitingPeer> WaitsFor);

/// <param name="Peer">A hub or an edge.</param>
public sealed record WaitingPeer(string Peer, string Reason);

/// <summary>What a revocation did.</summary>
/// <param name="Old">SHA-256 of the certificate that is no longer trusted, lower-case hexadecimal digits.</param>
/// <param name="Current">The one in its place.</param>
/// <param name="Pairs">What is left to do, per pair; empty: nothing.</param>
public sealed record CertificateRevocation(string Name, string Old, X509Certificate2 Current, IReadOnlyList<BrokenPair> Pairs);

/// <param name="Mend">What to do.</param>
public sealed record BrokenPair(string Edge, string Hub, string State, string Mend);
