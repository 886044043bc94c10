namespace Postern.Operations.Certificates;

/// <summary>What one certificate is worth, link by link.</summary>
/// <param name="Links">The certificate first.</param>
/// <param name="Problems">All, the gravest first.</param>
/// <param name="Level">ok, warning or critical.</param>
public sealed record CertificateExaminationView(
    string Thumbprint, string Sha256, string Subject, string Status, string? Reason, string RootCAType, IReadOnlyList<CertificateLinkView> Links, IReadOnlyList<string> Problems,
    IReadOnlyList<string> Notes, string Level, string? Expiry);

/// <param name="Origin">subject, chain, intermediates, ownRoots or systemRoots.</param>
public sealed record CertificateLinkView(string Subject, string Sha256, string Origin, DateTimeOffset NotBeforeUtc, DateTimeOffset NotAfterUtc);

/// <summary>Which certificate a connector shows, and why.</summary>
/// <param name="Outcome">chosen, expired, noneFound or noTls.</param>
/// <param name="Event">The number that Exchange gives it; null: nothing to report.</param>
public sealed record CertificateSelectionView(
    string? Connector, string? Kind, string Wanted, string Outcome, int? Event, string? Thumbprint, string? Subject, DateTimeOffset? NotAfterUtc, IReadOnlyList<string> Steps,
    IReadOnlyList<RejectedCertificateView> Rejected);

public sealed record RejectedCertificateView(string Thumbprint, string Subject, string Reason);

public sealed record CertificateSelectionList(IReadOnlyList<CertificateSelectionView> Selections);

/// <summary>The report of one node, as it reached who is asked.</summary>
/// <param name="Side">edge or hub.</param>
/// <param name="Report">Octets of a certificate report; null: none came yet.</param>
public sealed record NodeReport(string Node, string Side, byte[]? Report);

public sealed record NodeReportList(string Node, IReadOnlyList<NodeReport> Nodes);

/// <summary>The watch over all nodes.</summary>
/// <param name="Level">Of the gravest: ok, warning, critical or unknown.</param>
/// <param name="Summary">One line.</param>
/// <param name="Faults">What could not be looked at.</param>
public sealed record CertificateWatchView(string Level, string Summary, IReadOnlyList<WatchedCertificateView> Certificates, IReadOnlyList<string> Faults);

/// <param name="Kind">service, node, issuer, revocationList or fault.</param>
/// <param name="InUse">Whether anything depends on it; what does not is never critical.</param>
/// <param name="Text">Why it is no ok.</param>
/// <param name="WarningSeconds">It warns when no more than this is left.</param>
public sealed record WatchedCertificateView(
    string Node, string Kind, string Name, string? Thumbprint, IReadOnlyList<string> Services, string Status, string Level, string? Text, DateTimeOffset? EndsUtc,
    long? RemainingSeconds, long WarningSeconds, long CriticalSeconds, bool InUse);
