namespace Postern.Certificates;

/// <summary>Writes a PKCS #12 file anew, so that Windows gives its key to the other interface: the same certificate, the same key, the same
/// thumbprint (fact sheet 7.8). What the round trip through PEM files with OpenSSL does, with the key in memory only.</summary>
public static class WindowsKeyConversion
{
    /// <param name="content">Of a PKCS #12 file, or of any other with certificate and key.</param>
    /// <param name="to">Where the key shall be.</param>
    /// <param name="password">Of the new file.</param>
    /// <param name="profile">Legacy for Windows before Server 2019.</param>
    /// <exception cref="CertificateFormatException">It has no key, or a key that the older interface cannot hold.</exception>
    public static byte[] Convert(CertificateFileContent content, WindowsKeyInterface to, string password, Pkcs12Profile profile, out IReadOnlyList<string> notes)
    {
        using CertificateBundle bundle = CertificateBundling.Make([content], null, out notes);
        PrivateKeyEntry key = content.Keys.FirstOrDefault(one => one.Fits(bundle.Certificate))
            ?? throw new CertificateFormatException("noKey", $"{content.Name} has no private key for {bundle.Certificate.Thumbprint} ({bundle.Certificate.Subject})",
                "export it with its private key; on Windows the key must be exportable");
        if (to == WindowsKeyInterface.Capi1 && key.Algorithm != PrivateKeyHeader.Rsa)
        {
            throw new CertificateFormatException("cannotConvert", $"the key in {content.Name} is {key.Algorithm}; the older interface of Windows (CAPI1) holds RSA keys only",
                "request a certificate with an RSA key for the transport service of Exchange; keep this one for IIS, or use it with CNG");
        }

        string provider = to == WindowsKeyInterface.Capi1 ? WindowsKeyProvider.SChannel : WindowsKeyProvider.SoftwareStorage;
        return CertificateFileWriter.Pkcs12(bundle, password, profile,
            new WindowsKeyAttributes(provider, IsMachineKeySet: true, to == WindowsKeyInterface.Capi1 ? WindowsKeyAttributes.KeyExchange : null));
    }

    /// <summary>What to do with the new file on Windows, in order (fact sheet 7.8).</summary>
    /// <param name="file">Of the new file.</param>
    public static IReadOnlyList<string> Steps(WindowsKeyInterface to, string file, string thumbprint, Pkcs12Profile profile) => to == WindowsKeyInterface.Capi1
        ?
        [
            "Remove the edge subscription first where the repair may take longer than 24 hours: Remove-EdgeSubscription on the Edge and in the organization.",
            "Keep mail going meanwhile with a self-signed certificate as the default: New-ExchangeCertificate, answer Yes to the question about the default SMTP certificate, then Restart-Service MSExchangeTransport.",
            $"Delete the copy in CNG: Remove-ExchangeCertificate -Thumbprint {thumbprint}",
            $"Import the new file, into the older interface: certutil -csp \"{WindowsKeyProvider.SChannel}\" -importpfx {file}",
            $"Check it: certutil -v -store my {thumbprint} must show ProviderType = c (12) and KeySpec = 1.",
            $"Make it the default: Enable-ExchangeCertificate -Thumbprint {thumbprint} -Services SMTP, answer Yes, then Restart-Service MSExchangeTransport.",
            "Do this on every Mailbox server of the site. On the Edge, import the issuing root and intermediates into Root and CA: an Edge gets no group policy.",
            "Subscribe the Edge anew: New-EdgeSubscription on the Edge, import it inside, Start-EdgeSynchronization, Test-EdgeSynchronization.",
            .. ModernNote(profile),
        ]
        :
        [
            $"Import the new file into CNG: certutil -csp \"{WindowsKeyProvider.SoftwareStorage}\" -importpfx {file}",
            $"Check it: certutil -v -store my {thumbprint} must show ProviderType = 0 and KeySpec = 0.",
            "Do not make it the default SMTP certificate of a Mailbox server with an Edge: EdgeSync refuses CNG (event 1035).",
            .. ModernNote(profile),
        ];

    private static string[] ModernNote(Pkcs12Profile profile) => profile == Pkcs12Profile.Modern
        ? ["Windows before Server 2019 answers \"wrong password\" to this file: convert with --legacy for those."]
        : [];
}
