using System.Security.Cryptography;
using System.Text;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>A certificate of the store as files that services read.</summary>
internal static class ServedPem
{
    /// <summary>Certificate, then its issuers as they are in the store, the nearest first. Also a root: DANE-TA needs it (RFC 7672 section 3.1.2).</summary>
    public static byte[] Chain(StoredCertificate stored) =>
        Encoding.ASCII.GetBytes(string.Concat(stored.Chain.Prepend(stored.Certificate!).Select(one => one.ExportCertificatePem() + "\n")));

    /// <summary>The key, PKCS #8. A secret. The key fits the certificate: no service has to find out.</summary>
    public static byte[] Key(StoredCertificate stored)
    {
        LocalCertificateStore.LoadWithKey(stored).Dispose();
        return LocalCertificateStore.ReadKey(stored);
    }

    /// <summary>The key first, as smtpd_tls_chain_files wants it (postconf(5)). A secret.</summary>
    public static byte[] KeyAndChain(StoredCertificate stored)
    {
        byte[] key = Key(stored);
        byte[] both = [.. key, .. Chain(stored)];
        CryptographicOperations.ZeroMemory(key);
        return both;
    }
}
