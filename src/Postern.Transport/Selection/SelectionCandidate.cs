using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Transport.Selection;

/// <summary>A certificate of the node that a connector might show.</summary>
/// <param name="Services">What it is bound to.</param>
/// <param name="Examination">What it is worth.</param>
public sealed record SelectionCandidate(X509Certificate2 Certificate, bool HasPrivateKey, MailServices Services, CertificateExamination Examination)
{
    public string Thumbprint => Certificate.Thumbprint;

    public bool IsSelfSigned => CertificateKeys.IsSelfIssued(Certificate);

    public DateTimeOffset NotBefore => new(Certificate.NotBefore.ToUniversalTime());

    public DateTimeOffset NotAfter => new(Certificate.NotAfter.ToUniversalTime());
}

/// <summary>Why a certificate is not taken.</summary>
public sealed record RejectedCandidate(SelectionCandidate Candidate, string Reason);
