using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

// RFC 1421 (partial): the headers Proc-Type and DEK-Info of an encrypted key, as OpenSSL writes them
// RFC 5915 (complete): EC PRIVATE KEY
// RFC 8017 (partial): RSA PRIVATE KEY, appendix A.1.2

namespace Postern.Certificates;

/// <summary>Keys in the forms from before PKCS #8: RSA PRIVATE KEY and EC PRIVATE KEY, encrypted or not.</summary>
internal static class TraditionalKey
{
    /// <summary>EVP_BytesToKey of OpenSSL takes the first octets of the start value as salt.</summary>
    private const int SaltOctets = 8;

    public static bool IsEncrypted(PemBlock block) => block.Headers.TryGetValue("Proc-Type", out string? type) && type.Contains("ENCRYPTED", StringComparison.Ordinal);

    /// <returns>The key as it would be without password; a secret.</returns>
    public static (byte[] Der, string Encryption) Decrypt(PemBlock block, string where, CertificateFileCollector file)
    {
        string[] info = block.Headers.GetValueOrDefault("DEK-Info", "").Split(',');
        (int keyOctets, Func<SymmetricAlgorithm> make) = info[0].Trim() switch
        {
            "AES-128-CBC" => (16, Aes.Create),
            "AES-192-CBC" => (24, Aes.Create),
            "AES-256-CBC" => (32, Aes.Create),
            "DES-EDE3-CBC" => (24, (Func<SymmetricAlgorithm>)TripleDES.Create),
            var other => throw CertificateFormatException.Unsupported(where, other.Length > 0 ? other : "something that DEK-Info does not name"),
        };
        byte[] start = Start(info, where);
        string words = $"{info[0].Trim()}, MD5 once";
        if (file.Password is null)
        {
            throw new CertificateFormatException("passwordNeeded", $"{where} is protected with a password ({words})", "give it with --passphrase-file FILE");
        }

        try
        {
            byte[] plain = PasswordProtection.Decrypt(make, BytesToKey(file.Password, start[..SaltOctets], keyOctets), start, block.Content);
            return plain is [0x30, ..] ? (plain, words) : throw new CryptographicException("no sequence");
        }
        catch (CryptographicException e)
        {
            throw new CertificateFormatException("wrongPassword", $"the password does not open {where} ({words})", "check the password: upper and lower case, blanks at its end, the keyboard's layout", e);
        }
    }

    /// <param name="der">RSAPrivateKey.</param>
    /// <returns>PKCS #8; a secret.</returns>
    public static byte[] FromRsa(ReadOnlySpan<byte> der)
    {
        using RSA key = RSA.Create();
        key.ImportRSAPrivateKey(der, out _);
        return key.ExportPkcs8PrivateKey();
    }

    /// <param name="der">ECPrivateKey, with the curve in it.</param>
    /// <returns>PKCS #8; a secret.</returns>
    public static byte[] FromEc(ReadOnlySpan<byte> der)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportECPrivateKey(der, out _);
        return key.ExportPkcs8PrivateKey();
    }

    private static byte[] Start(string[] info, string where)
    {
        try
        {
            return info.Length == 2 && Convert.FromHexString(info[1].Trim()) is { Length: 8 or 16 } start
                ? start
                : throw CertificateFormatException.Damaged(where, "DEK-Info has no start value");
        }
        catch (FormatException e)
        {
            throw CertificateFormatException.Damaged(where, "DEK-Info has no start value", e);
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "OpenSSL derives these keys with MD5; nothing is encrypted with it here.")]
    private static byte[] BytesToKey(string password, byte[] salt, int length)
    {
        byte[] secret = Encoding.UTF8.GetBytes(password);
        byte[] key = [];
        byte[] last = [];
        while (key.Length < length)
        {
            last = MD5.HashData([.. last, .. secret, .. salt]);
            key = [.. key, .. last];
        }

        CryptographicOperations.ZeroMemory(secret);
        return key[..length];
    }
}
