using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>The verbs about files of certificates, of this machine or of a Windows: inspect and convert (fact sheet 7.8). They touch no store.</summary>
public static class CertificateFormats
{
    public static CertificateInspection Inspect(CertificateFileContent content) => new(
        content.Name,
        Words.CamelCase(content.Format),
        content.Protection is { } protection ? new FileProtection(protection.Mac, protection.MacIterations, protection.Encryption) : null,
        [.. content.Certificates.Select(one => Certificate(one, content.Keys.Any(key => key.Fits(one.Certificate))))],
        [.. content.Keys.Select(one => Key(one, content.Certificates))],
        [.. content.Requests.Select(Request)],
        content.Notes);

    /// <param name="text">What `certutil -v -store my` printed.</param>
    public static CertutilInspection InspectCertutil(ReadOnlySpan<byte> text, string name)
    {
        CertutilStore store = CertutilText.Read(text, name);
        List<string> notes = [];
        if (!store.IsComplete)
        {
            notes.Add("certutil's last line is not there: the text may be cut off, and certificates may be missing");
        }

        if (store.Certificates.Any(one => one.Provider is not null && one.ProviderType is null))
        {
            notes.Add("the type of a provider is missing: use certutil -v");
        }

        return new CertutilInspection(
            name,
            [
                .. store.Certificates.Select(one => new CertutilEntry(
                    one.Number, one.Thumbprint, one.Subject, one.Provider, one.ProviderType, one.ProviderType is { } type ? WindowsKeyProvider.TypeName(type) : null,
                    one.KeySpec, Words.CamelCase(one.Interface), Verdict(one.Verdict))),
            ],
            [.. store.Certificates.Where(one => one.Interface == WindowsKeyInterface.Cng).Select(one => one.Thumbprint ?? $"(certificate {one.Number}: the text has no thumbprint)")],
            notes);
    }

    /// <param name="password">Of the new file.</param>
    /// <param name="file">Where the new file will be.</param>
    /// <returns>The new file (a secret), and what to say about it.</returns>
    public static (byte[] Octets, CertificateConverted Done) Convert(CertificateFileContent content, WindowsKeyInterface to, string password, Pkcs12Profile profile, string file)
    {
        byte[] octets = WindowsKeyConversion.Convert(content, to, password, profile, out IReadOnlyList<string> notes);

        // Read again before anybody deletes the old one for it.
        using CertificateBundle written = CertificateFileReader.ReadBundle(octets, password, file, out _);
        return (octets, new CertificateConverted(
            file, written.Certificate.Thumbprint, written.Certificate.Subject, Words.CamelCase(to),
            to == WindowsKeyInterface.Capi1 ? WindowsKeyProvider.SChannel : WindowsKeyProvider.SoftwareStorage,
            WindowsKeyConversion.Steps(to, Path.GetFileName(file), written.Certificate.Thumbprint, profile), notes));
    }

    private static InspectedCertificate Certificate(CertificateEntry entry, bool hasKey)
    {
        X509Certificate2 one = entry.Certificate;
        (string algorithm, int bits) = CertificateKeys.Describe(one.PublicKey);
        return new InspectedCertificate(
            one.Thumbprint, CertificatePin.Of(one).ToString(), one.Subject, one.Issuer, one.SerialNumber, one.NotBefore.ToUniversalTime(), one.NotAfter.ToUniversalTime(),
            Domains(one), algorithm, bits, one.SignatureAlgorithm.FriendlyName ?? one.SignatureAlgorithm.Value, CertificateKeys.IsSelfIssued(one), hasKey, entry.FriendlyName);
    }

    private static InspectedKey Key(PrivateKeyEntry key, IReadOnlyList<CertificateEntry> certificates) => new(
        certificates.FirstOrDefault(one => key.Fits(one.Certificate))?.Certificate.Thumbprint, key.Algorithm, key.Bits, key.Encryption, key.FriendlyName, key.Windows.ProviderName,
        Words.CamelCase(WindowsKeyProvider.Classify(key.Windows.ProviderName, null)), key.Windows.KeySpec, key.Windows.IsMachineKeySet,
        Verdict(WindowsKeyVerdict.OfFile(key.Algorithm, key.Windows)));

    private static InspectedRequest Request(ReadOnlyMemory<byte> der)
    {
        CertificateRequest request = CertificateRequest.LoadSigningRequest(
            der.ToArray(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        (string algorithm, int bits) = CertificateKeys.Describe(request.PublicKey);
        return new InspectedRequest(System.Convert.ToHexStringLower(SHA256.HashData(der.Span)), request.SubjectName.Name, RequestedNames(request), algorithm, bits);
    }

    private static IReadOnlyList<string> Domains(X509Certificate2 certificate)
    {
        try
        {
            return CertifiedNames.Domains(certificate);
        }
        catch (CryptographicException)
        {
            // An extension that is damaged: the rest is worth showing.
            return [];
        }
    }

    private static IReadOnlyList<string> RequestedNames(CertificateRequest request)
    {
        try
        {
            X509SubjectAlternativeNameExtension? names = request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            return [.. names?.EnumerateDnsNames() ?? [], .. names?.EnumerateIPAddresses().Select(one => one.ToString()) ?? []];
        }
        catch (CryptographicException)
        {
            return [];
        }
    }

    private static EdgeSyncVerdict Verdict(WindowsKeyVerdict verdict) => new(Words.CamelCase(verdict.Use), verdict.Reason, verdict.CanConvert);
}
