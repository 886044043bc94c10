namespace Postern.Transport.Selection;

/// <summary>What came of it; the numbers of events are Exchange's (fact sheet 9.2).</summary>
public enum SelectionOutcome
{
    /// <summary>One is shown.</summary>
    Chosen,

    /// <summary>No TLS is wanted.</summary>
    NoTls,

    /// <summary>None has the name, or may serve it: no STARTTLS (event 12014).</summary>
    NoneFound,

    /// <summary>One is shown that is past its end (event 12016).</summary>
    Expired,
}

/// <summary>How a connector came to its certificate.</summary>
/// <param name="Wanted">The name that was looked for, as text.</param>
/// <param name="Steps">What was looked at, in order, for people.</param>
/// <param name="Rejected">Those that were not taken, and why.</param>
public sealed record CertificateSelection(
    CertificateWanted Request, string Wanted, SelectionOutcome Outcome, SelectionCandidate? Chosen, IReadOnlyList<string> Steps, IReadOnlyList<RejectedCandidate> Rejected);
