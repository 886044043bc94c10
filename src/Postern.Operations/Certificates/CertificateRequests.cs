namespace Postern.Operations.Certificates;

/// <summary>A successor for the node's certificate, or a replacement at once.</summary>
/// <param name="Role"><c>internalTransport</c>.</param>
/// <param name="Algorithm">Key of the one that the node makes, e.g. <c>ecdsaP256</c>; null: as the current one.</param>
/// <param name="Pem">A certificate and its key from elsewhere, PEM. A secret. Null: the node makes one.</param>
public sealed record ReplaceCertificate(string Role, string? Algorithm, string? Pem)
{
    public override string ToString() => $"certificate for {Role} (secret)";
}

/// <param name="Slot"><c>current</c>, <c>next</c> or <c>previous</c>.</param>
/// <param name="Sha256">Lower-case hexadecimal digits.</param>
/// <param name="Key"><c>EC P-256</c>, <c>RSA 3072</c>, ...</param>
public sealed record CertificateView(
    string Slot, string Sha256, string Subject, string Issuer, string Key, DateTimeOffset NotBeforeUtc, DateTimeOffset NotAfterUtc);

/// <param name="Name"><c>edge-cert</c> or <c>transport-service-cert</c>.</param>
/// <param name="RenewsUtc">When it gets a successor by itself; null: it has one, or is not renewed unasked.</param>
/// <param name="WaitsFor">Peers that do not trust the next one yet.</param>
public sealed record NodeCertificateView(
    string Role, string Name, IReadOnlyList<CertificateView> Certificates, DateTimeOffset? AnnouncedUtc, DateTimeOffset? SwitchedUtc, DateTimeOffset? RenewsUtc,
    IReadOnlyList<WaitingPeerView> WaitsFor);

public sealed record WaitingPeerView(string Peer, string Reason);

/// <param name="Revoked">SHA-256 of the one that is no longer trusted.</param>
/// <param name="Pairs">What is left to do; empty: nothing.</param>
public sealed record CertificateRevoked(string Role, string Name, string Revoked, CertificateView Current, IReadOnlyList<BrokenPairView> Pairs);

/// <param name="Mend">What to do.</param>
public sealed record BrokenPairView(string Edge, string Hub, string State, string Mend);
