using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>The verbs that bring certificates into the store of a node, and give them out (fact sheet 7.4).</summary>
public sealed class CertificateTransfer(CertificatePlace place, TimeProvider time)
{
    private readonly CertificateDetails _details = new(place, time);
    private readonly LocalCertificateStore _store = place.Open(time);

    /// <summary>Adds the certificate of one file or several: with its key, or as the answer to a request that waits here. All of it or nothing.</summary>
    /// <param name="files">Read already; the caller's to dispose of.</param>
    public async Task<CertificateImported> ImportAsync(IReadOnlyList<CertificateFileContent> files, CertificateImport wish, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            StoredCertificate? replaced = wish.Replaces is { } identity ? _store.Find(identity) : null;
            using CertificateBundle bundle = CertificateBundling.Make(files, Answer(files), out IReadOnlyList<string> notes);
            StoredCertificate added = _store.Add(bundle, new CertificateMetadata
            {
                FriendlyName = CertificateIssuing.CheckFriendlyName(wish.FriendlyName) ?? Short(bundle.FriendlyName),
                IsExportable = wish.IsExportable,
                Replaces = replaced?.Sha256,
            });
            string[] more = added.HasPrivateKey
                ? wish.IsExportable && !added.Metadata.IsExportable ? ["--exportable does not count: its key was made here, not to be given out"] : [] : ["its private key is not on this node, so it cannot be bound to a service; a request is completed on the node that made it"];
            return new CertificateImported(_details.Of(added), added.Metadata.Replaces, [.. notes, .. more]);
        }
    }

    /// <summary>The octets of a file, and whether a key is among them.</summary>
    /// <param name="password">Of a key.</param>
    public CertificateExport Export(string identity, CertificateExportForm form, bool withKey, bool withChain, string? password)
    {
        StoredCertificate stored = _store.Find(identity);
        if (stored.Request is { } request)
        {
            return form switch
            {
                CertificateExportForm.Pem => new CertificateExport(stored.Thumbprint, System.Text.Encoding.ASCII.GetBytes(PemEncoding.WriteString(SigningRequest.Label, request.Span) + "\n"), IsText: true, HasKey: false),
                CertificateExportForm.Der => new CertificateExport(stored.Thumbprint, request.ToArray(), IsText: false, HasKey: false),
                _ => throw new OperationException(FailureCategory.Conflict, "pending", $"{stored.Thumbprint} is a request that waits for its certificate: it has the forms pem and der", "the key of a request stays on this node"),
            };
        }

        bool isKeyAsked = withKey || form is CertificateExportForm.Pkcs12 or CertificateExportForm.Pkcs12Legacy;
        if (isKeyAsked && stored is { HasPrivateKey: true, Metadata.IsExportable: false })
        {
            throw new OperationException(FailureCategory.Conflict, "notExportable", $"the private key of {stored.Thumbprint} is not to be given out",
                "a certificate is exportable when it was made, asked for or imported with --exportable; without its key: --format pem, der or pkcs7");
        }

        using X509Certificate2 certificate = isKeyAsked ? LocalCertificateStore.LoadWithKey(stored) : X509CertificateLoader.LoadCertificate(stored.Certificate!.RawDataMemory.Span);
        CertificateBundle bundle = new(certificate, withChain ? stored.Chain : []) { FriendlyName = stored.Metadata.FriendlyName };
        byte[] octets = form switch
        {
            CertificateExportForm.Pem => withKey ? [.. CertificateFileWriter.Pem(bundle), .. CertificateFileWriter.KeyPem(bundle, password)] : CertificateFileWriter.Pem(bundle),
            CertificateExportForm.Der => CertificateFileWriter.Der(bundle),
            CertificateExportForm.Pkcs7 => CertificateFileWriter.Pkcs7(bundle, asPem: false),
            _ => CertificateFileWriter.Pkcs12(bundle, password!, form == CertificateExportForm.Pkcs12Legacy ? Pkcs12Profile.Legacy : Pkcs12Profile.Modern),
        };
        return new CertificateExport(stored.Thumbprint, octets, form == CertificateExportForm.Pem, isKeyAsked);
    }

    /// <summary>Those of files may be longer than ours.</summary>
    private static string? Short(string? name) => name is { Length: > CertificateIssuing.MaxFriendlyName } ? name[..CertificateIssuing.MaxFriendlyName] : name;

    /// <summary>Which certificate of a heap without keys is meant: the one that a request waits for, or that a key is here for.</summary>
    private Func<X509Certificate2, bool>? Answer(IReadOnlyList<CertificateFileContent> files)
    {
        IReadOnlyList<StoredCertificate> sets = _store.All();
        CertificateEntry? wanted = files.Any(one => one.Keys.Count > 0) ? null
            : files.SelectMany(one => one.Certificates).FirstOrDefault(one => LocalCertificateStore.RequestFor(one.Certificate, sets) is not null);
        return wanted is null ? null : one => one.RawDataMemory.Span.SequenceEqual(wanted.Certificate.RawDataMemory.Span);
    }
}
