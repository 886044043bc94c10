using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>Makes of a certificate what people are shown of it.</summary>
public sealed class CertificateDetails(CertificatePlace place, TimeProvider time)
{
    private static readonly ExaminationOptions Unpinned = new();
    private static readonly ExaminationOptions Pinned = new() { IsPinned = true };

    /// <summary>Read once: the roots of a system are many.</summary>
    private readonly Lazy<CertificateExaminer> _examiner = new(() => new CertificateExaminer(TrustFolder.Read(place.Trust), time));

    public CertificateDetail Of(StoredCertificate stored) => stored.Certificate is { } certificate
        ? Of(certificate, stored.Chain, stored.Metadata.Services, stored.HasPrivateKey, stored.KeyFile, Unpinned) with
        {
            FriendlyName = stored.Metadata.FriendlyName,
            IsDefaultSmtp = stored.Metadata.IsDefaultSmtp,
            PrivateKeyExportable = stored.HasPrivateKey && stored.Metadata.IsExportable,
            Origin = Words.CamelCase(stored.Metadata.Origin),
            Replaces = stored.Metadata.Replaces,
        }
        : OfRequest(stored);

    /// <summary>The node's own certificates, from the files of its keys; empty for a machine that is neither edge nor hub.</summary>
    public IReadOnlyList<(X509Certificate2 Certificate, CertificateDetail Detail)> OfNode() =>
    [
        .. place.NodeCertificates.SelectMany(node => StoredPublicCertificate.ReadAll(node.Folder, node.Name).Select(one => (one.Certificate,
            Of(one.Certificate, [], one.Slot == "current" ? node.Services : MailServices.None, File.Exists(one.KeyFile), one.KeyFile, Pinned) with { Slot = one.Slot, FriendlyName = node.Name }))),
    ];

    private CertificateDetail Of(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> chain, MailServices services, bool hasKey, string keyFile, ExaminationOptions options)
    {
        CertificateExamination examination = _examiner.Value.Examine(certificate, chain, options);
        (string algorithm, int bits) = CertificateKeys.Describe(certificate.PublicKey);
        return new CertificateDetail(
            certificate.Thumbprint, CertificatePin.Of(certificate).ToString(), MailServicesText.ToWords(services), Words.CamelCase(examination.Status), examination.Reason, certificate.Subject, certificate.Issuer,
            certificate.SerialNumber, new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()),
            CertifiedNames.Domains(certificate), hasKey, CertificateKeys.IsSelfIssued(certificate), bits, algorithm,
            certificate.SignatureAlgorithm.FriendlyName ?? certificate.SignatureAlgorithm.Value, Words.CamelCase(examination.RootCaType), KeyAccess.Rules(keyFile))
        {
            ServicesMask = MailServicesText.Mask(services),
            Chain = [.. chain.Select(one => one.Subject)],
        };
    }

    private static CertificateDetail OfRequest(StoredCertificate stored)
    {
        CertificateRequest request = CertificateRequest.LoadSigningRequest(
            stored.Request!.Value.ToArray(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        (string algorithm, int bits) = CertificateKeys.Describe(request.PublicKey);
        X509SubjectAlternativeNameExtension? names = request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return new CertificateDetail(
            stored.Thumbprint, stored.Sha256, [], Words.CamelCase(CertificateExamination.Pending.Status), CertificateExamination.Pending.Reason, request.SubjectName.Name, "", null, null, null,
            [.. ((IEnumerable<string>)[CertificateSubject.CommonName(request.SubjectName) ?? "", .. names?.EnumerateDnsNames() ?? [], .. names?.EnumerateIPAddresses().Select(one => one.ToString()) ?? []])
                .Where(one => one.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)],
            stored.HasPrivateKey, false, bits, algorithm, null, "unknown", KeyAccess.Rules(stored.KeyFile))
        {
            ServicesMask = MailServicesText.Mask(MailServices.None),
            FriendlyName = stored.Metadata.FriendlyName,
            PrivateKeyExportable = stored.Metadata.IsExportable,
            Origin = Words.CamelCase(stored.Metadata.Origin),
            Replaces = stored.Metadata.Replaces,
        };
    }
}
