using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Whose root a chain ends in (RootCAType of fact sheet 7.2).</summary>
public enum RootCaType
{
    /// <summary>Self-signed, and nobody has put it among the trusted ones.</summary>
    None,

    /// <summary>A root of the system.</summary>
    ThirdParty,

    /// <summary>A root of the node's own trust folder.</summary>
    Enterprise,

    /// <summary>Self-signed, and itself among the trusted ones.</summary>
    Registry,

    /// <summary>No trusted root was reached; also of a request.</summary>
    Unknown,
}

/// <param name="IsPending">It is a request.</param>
public sealed record ExaminationOptions(RevocationCheck Revocation = RevocationCheck.Offline, bool IsPending = false)
{
    /// <summary>How long one download may take, with <see cref="RevocationCheck.Online"/>. Ours.</summary>
    public static readonly TimeSpan DefaultDownloadTime = TimeSpan.FromSeconds(10);

    /// <summary>Host names and addresses that it has to stand for. A U-label counts as its A-label.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Its peers know the certificate itself (a pin): issuers, revocation and names play no part.</summary>
    public bool IsPinned { get; init; }

    public TimeSpan DownloadTime { get; init; } = DefaultDownloadTime;
}

/// <summary>Where a link of the chain was found.</summary>
public enum LinkOrigin
{
    /// <summary>The certificate itself.</summary>
    Subject,

    /// <summary>Stored with it: a server sends it to its clients.</summary>
    Chain,

    /// <summary>In the trust folder, or fetched: clients do not get it from the server.</summary>
    Intermediates,

    /// <summary>A root of the trust folder.</summary>
    OwnRoots,

    /// <summary>A root of the system.</summary>
    SystemRoots,
}

/// <summary>One certificate of a chain.</summary>
public sealed record CertificateLink(X509Certificate2 Certificate, LinkOrigin Origin);

/// <summary>Something that is wrong.</summary>
/// <param name="Link">Place in the chain, 0 is the certificate itself.</param>
/// <param name="Text">Names the link and what is wrong with it.</param>
public sealed record CertificateProblem(CertificateStatus Status, int Link, string Text);

/// <param name="Status">Of the gravest problem.</param>
/// <param name="Reason">Which link, and what; null: valid.</param>
/// <param name="Links">The chain that was judged, the certificate first.</param>
/// <param name="Problems">All of them, the gravest first.</param>
/// <param name="Notes">What is worth knowing, and makes nothing invalid.</param>
public sealed record CertificateExamination(
    CertificateStatus Status, string? Reason, IReadOnlyList<CertificateLink> Links, IReadOnlyList<CertificateProblem> Problems, RootCaType RootCaType, IReadOnlyList<string> Notes)
{
    public static CertificateExamination Pending { get; } =
        new(CertificateStatus.PendingRequest, "waits for the certificate that an authority makes of it", [], [], RootCaType.Unknown, []);
}
