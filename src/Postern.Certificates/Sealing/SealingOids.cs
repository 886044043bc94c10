namespace Postern.Certificates;

internal static class SealingOids
{
    /// <summary>id-data, RFC 5652 section 4.</summary>
    public const string Data = "1.2.840.113549.1.7.1";

    /// <summary>id-ct-authEnvelopedData, RFC 5083 section 2.</summary>
    public const string AuthEnvelopedData = "1.2.840.113549.1.9.16.1.23";

    /// <summary>id-aes256-GCM, RFC 5084 section 3.2.</summary>
    public const string Aes256Gcm = "2.16.840.1.101.3.4.1.46";

    /// <summary>id-aes256-wrap, RFC 3565 section 2.3.2.</summary>
    public const string Aes256Wrap = "2.16.840.1.101.3.4.1.45";

    /// <summary>id-aes256-CBC, RFC 3565 section 4.1.</summary>
    public const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";

    /// <summary>id-RSAES-OAEP, id-mgf1: RFC 4055 sections 4 and 2.2.</summary>
    public const string RsaOaep = "1.2.840.113549.1.1.7";
    public const string Mgf1 = "1.2.840.113549.1.1.8";

    /// <summary>RFC 4055 section 2.1.</summary>
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <summary>dhSinglePass-stdDH-sha256kdf-scheme, RFC 5753 section 7.1.4.</summary>
    public const string StandardDhSha256 = "1.3.132.1.11.1";

    /// <summary>id-ecPublicKey, RFC 5480 section 2.1.1.</summary>
    public const string EcPublicKey = "1.2.840.10045.2.1";

    /// <summary>id-alg-PWRI-KEK, RFC 3211 section 2.2; id-PBKDF2 and hmacWithSHA256, RFC 8018 appendix C.</summary>
    public const string PassphraseWrap = "1.2.840.113549.1.9.16.3.9";
    public const string Pbkdf2 = "1.2.840.113549.1.5.12";
    public const string HmacSha256 = "1.2.840.113549.2.9";
}
