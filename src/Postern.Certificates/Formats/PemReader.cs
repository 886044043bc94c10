using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>What the blocks of a PEM file are. Their content decides, not their label: Exchange puts PKCS #7 under CERTIFICATE.</summary>
internal sealed class PemReader(CertificateFileCollector file)
{
    private readonly DerReader _der = new(file);

    public void Take(PemBlock block)
    {
        file.Count("PEM blocks");
        string where = $"the {block.Label} in line {block.Line} of {file.Name}";
        switch (block.Label)
        {
            case "CERTIFICATE" or "X509 CERTIFICATE" or "TRUSTED CERTIFICATE" or "PKCS7" or "CMS" or "PKCS #7 SIGNED DATA" or "PKCS12"
                or "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST" or "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY":
                _der.Read(block.Content, where);
                break;
            case "RSA PRIVATE KEY" or "EC PRIVATE KEY":
                TakeTraditional(block, where);
                break;
            case "DSA PRIVATE KEY" or "OPENSSH PRIVATE KEY":
                throw new CertificateFormatException("unsupportedAlgorithm", $"{where}: keys of this kind serve no certificate here", "give an RSA or EC key as PEM or PKCS #12");
            case "EC PARAMETERS":
                // OpenSSL writes the curve once more before the key, which has it too.
                break;
            default:
                file.Note(where, "left aside");
                break;
        }
    }

    private void TakeTraditional(PemBlock block, string where)
    {
        if (!TraditionalKey.IsEncrypted(block))
        {
            _der.Read(block.Content, where);
            return;
        }

        (byte[] plain, string encryption) = TraditionalKey.Decrypt(block, where, file);
        _der.Read(plain, where, encryption);
        CryptographicOperations.ZeroMemory(plain);
    }
}
