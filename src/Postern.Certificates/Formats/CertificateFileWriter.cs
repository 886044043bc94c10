using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Certificates;

/// <summary>How a PKCS #12 file, or the key in it, is protected.</summary>
public enum Pkcs12Profile
{
    /// <summary>AES-256-CBC, PBKDF2 and a MAC with SHA-256: OpenSSL from 1.1, Windows from Server 2019 and Windows 10 1709, Java from 8u301.</summary>
    Modern,

    /// <summary>3DES and SHA-1, for Windows before that: as weak as what those write themselves. Only the password protects it.</summary>
    Legacy,
}

/// <summary>Writes certificates and keys in the formats that others read.</summary>
public static class CertificateFileWriter
{
    /// <summary>Rounds of PBKDF2 with HMAC-SHA-256, for safes, key and MAC each. Ours: a third of what the .NET reader allows in all, so that any reader takes it.</summary>
    public const int ModernIterations = 100_000;

    /// <summary>Rounds: what Windows and OpenSSL write.</summary>
    public const int LegacyIterations = 2048;

    private const string Pkcs7Label = "PKCS7";
    private const string EncryptedKeyLabel = "ENCRYPTED PRIVATE KEY";
    private const string KeyUsageOid = "2.5.29.15";
    private const byte KeyExchangeUsage = 0x10;
    private const byte SignatureUsage = 0x80;

    private static readonly PbeParameters ModernKey = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, ModernIterations);
    private static readonly PbeParameters LegacyKey = new(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, LegacyIterations);

    /// <summary>Certificate and chain, the certificate first, as Postfix, Dovecot and nginx want them; ASCII, lines end with LF.</summary>
    public static byte[] Pem(CertificateBundle bundle) => Ascii(string.Concat(All(bundle).Select(one => one.ExportCertificatePem() + "\n")));

    /// <summary>The private key, PKCS #8. A secret: clear it after use.</summary>
    /// <param name="password">Encrypts it (PBES2 with AES-256); null: as it is.</param>
    /// <exception cref="CertificateFormatException">There is no key.</exception>
    public static byte[] KeyPem(CertificateBundle bundle, string? password)
    {
        using AsymmetricAlgorithm key = KeyOf(bundle);
        return password is null ? PrivateKeyPem.Write(key)
            : Ascii(PemEncoding.WriteString(EncryptedKeyLabel, key.ExportEncryptedPkcs8PrivateKey(password, ModernKey)) + "\n");
    }

    /// <summary>The certificate alone.</summary>
    public static byte[] Der(CertificateBundle bundle) => bundle.Certificate.RawData;

    /// <summary>Certificate and chain as a SignedData without signature (.p7b). It never has a key.</summary>
    public static byte[] Pkcs7(CertificateBundle bundle, bool asPem)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        Asn1Tag zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using (writer.PushSequence(zero))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                writer.PushSetOf().Dispose();
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.7.1");
                }

                using (writer.PushSetOf(zero))
                {
                    foreach (X509Certificate2 one in All(bundle))
                    {
                        writer.WriteEncodedValue(one.RawDataMemory.Span);
                    }
                }

                writer.PushSetOf().Dispose();
            }
        }

        byte[] der = writer.Encode();
        return asPem ? Ascii(PemEncoding.WriteString(Pkcs7Label, der) + "\n") : der;
    }

    /// <summary>Certificate, key if it is there, and chain.</summary>
    /// <param name="windows">What Windows shall do with the key; null: nothing is said about it.</param>
    /// <exception cref="CertificateFormatException">The friendly name cannot be in such a file.</exception>
    public static byte[] Pkcs12(CertificateBundle bundle, string password, Pkcs12Profile profile, WindowsKeyAttributes? windows = null)
    {
        PbeParameters protection = profile == Pkcs12Profile.Modern ? ModernKey : LegacyKey;
        Pkcs9LocalKeyId localKeyId = new(bundle.Certificate.GetCertHash());
        Pkcs12Builder builder = new();
        Pkcs12SafeContents certificates = new();
        Pkcs12CertBag own = certificates.AddCertificate(bundle.Certificate);
        own.Attributes.Add(localKeyId);
        foreach (X509Certificate2 issuer in bundle.Chain)
        {
            certificates.AddCertificate(issuer);
        }

        builder.AddSafeContentsEncrypted(certificates, password, protection);
        if (bundle.Certificate.HasPrivateKey)
        {
            Pkcs12SafeContents keys = new();
            Pkcs12ShroudedKeyBag key = AddKey(keys, bundle, password, protection, windows?.KeySpec);
            key.Attributes.Add(localKeyId);
            AddFriendlyName(key, bundle.FriendlyName);
            if (windows?.ProviderName is { } provider)
            {
                key.Attributes.Add(new AsnEncodedData(WindowsKeyAttributes.ProviderNameOid, BmpString(provider)));
            }

            if (windows?.IsMachineKeySet == true)
            {
                // A set of no values, as Windows writes it.
                key.Attributes.Add(new CryptographicAttributeObject(new Oid(WindowsKeyAttributes.MachineKeySetOid)));
            }

            builder.AddSafeContentsUnencrypted(keys);
        }

        AddFriendlyName(own, bundle.FriendlyName);
        builder.SealWithMac(password, profile == Pkcs12Profile.Modern ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1, profile == Pkcs12Profile.Modern ? ModernIterations : LegacyIterations);
        return builder.Encode();
    }

    private static Pkcs12ShroudedKeyBag AddKey(Pkcs12SafeContents keys, CertificateBundle bundle, string password, PbeParameters protection, int? keySpec)
    {
        using AsymmetricAlgorithm key = KeyOf(bundle);
        byte[] plain = key.ExportPkcs8PrivateKey();
        try
        {
            Pkcs8PrivateKeyInfo info = Pkcs8PrivateKeyInfo.Decode(plain, out _, skipCopy: true);
            if (keySpec is { } spec)
            {
                AsnWriter usage = new(AsnEncodingRules.DER);
                usage.WriteBitString([spec == WindowsKeyAttributes.Signature ? SignatureUsage : KeyExchangeUsage], spec == WindowsKeyAttributes.Signature ? 7 : 4);
                info.Attributes.Add(new AsnEncodedData(KeyUsageOid, usage.Encode()));
            }

            Pkcs12ShroudedKeyBag bag = new(info.Encrypt(password, protection), skipCopy: true);
            keys.AddSafeBag(bag);
            return bag;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static void AddFriendlyName(Pkcs12SafeBag bag, string? name)
    {
        if (!string.IsNullOrEmpty(name))
        {
            // A BMPString has two octets for each character, and no surrogates (X.690 section 8.23.8).
            if (name.Any(char.IsSurrogate))
            {
                throw new CertificateFormatException("unsupportedName", $"the friendly name '{name}' has a character that a PKCS #12 file cannot have, e.g. an emoji",
                    "export it as PEM, or import it again with another --friendly-name");
            }

            bag.Attributes.Add(new AsnEncodedData("1.2.840.113549.1.9.20", BmpString(name)));
        }
    }

    private static byte[] BmpString(string text)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.BMPString, text);
        return writer.Encode();
    }

    private static AsymmetricAlgorithm KeyOf(CertificateBundle bundle) =>
        (AsymmetricAlgorithm?)bundle.Certificate.GetECDsaPrivateKey() ?? bundle.Certificate.GetRSAPrivateKey()
        ?? throw new CertificateFormatException("noKey", $"the private key of {bundle.Certificate.Thumbprint} ({bundle.Certificate.Subject}) is not here", "export it where it is");

    private static IEnumerable<X509Certificate2> All(CertificateBundle bundle) => [bundle.Certificate, .. bundle.Chain];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
