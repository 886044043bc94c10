namespace Postern.Operations.Certificates;

/// <summary>What a change of services did.</summary>
/// <param name="Services">What the certificate is bound to now.</param>
/// <param name="PreviousDefault">Thumbprint of the one that was the default for SMTP until now; null: the default did not change hands.</param>
/// <param name="Programs">One for each program that was asked.</param>
/// <param name="Warnings">What works, but not for everybody, and the fix.</param>
public sealed record CertificateBound(
    string Thumbprint, string Subject, IReadOnlyList<string> Services, bool IsDefaultSmtp, string? PreviousDefault, IReadOnlyList<ProgramView> Programs, IReadOnlyList<string> Warnings)
{
    /// <summary>Of one that took another's place: connectors that named the other by issuer and subject, and what became of them.</summary>
    public IReadOnlyList<string> Connectors { get; init; } = [];
}

/// <param name="Program"><c>postfix</c>, <c>dovecot</c>, <c>nginx</c>, <c>https</c>, <c>postern</c>.</param>
/// <param name="State">applied, unchanged, absent, rolledBack or broken.</param>
/// <param name="Steps">What was done and seen.</param>
public sealed record ProgramView(string Program, string State, IReadOnlyList<string> Steps);

/// <summary>A question that has to be answered first: another certificate would no longer be the default one.</summary>
public sealed record DefaultSmtpQuestion(CertificateDetail Current, CertificateDetail Wanted);

/// <summary>Gives a certificate and its key to the daemon, as the successor of the one by which hubs and edges know the node.</summary>
/// <param name="pem">A secret.</param>
/// <returns><c>edge-cert</c> or <c>transport-service-cert</c>.</returns>
public delegate Task<string> AnnounceCertificate(string pem, CancellationToken cancellationToken);
