using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

// RFC 5652 (partial): EnvelopedData for one recipient with an RSA key, by the platform's library

namespace Postern.EdgeSync.Enrolment;

/// <summary>One value of posternEdgeSyncCredential: the record of fact sheet 3.2 as UTF-8 JSON, its secrets sealed for the owner of the entry.</summary>
/// <param name="Version">Of this form.</param>
/// <param name="TargetServer">The edge's name.</param>
/// <param name="SourceServer">The hub's name.</param>
/// <param name="ExpirationTime">Null: until it is replaced.</param>
/// <param name="UserName">The replication account.</param>
/// <param name="CertificateSha256">Of the certificate that <paramref name="Sealed"/> is for, lower-case hexadecimal digits.</param>
/// <param name="Sealed">CMS EnvelopedData (RFC 5652) of a <see cref="Secrets"/>: RSA-OAEP with SHA-256, AES-256.</param>
internal sealed record HubCredential(
    int Version, string TargetServer, string TargetServerFqdn, string SourceServer, string SourceServerFqdn,
    DateTimeOffset EffectiveTime, DateTimeOffset? ExpirationTime, string UserName, string CertificateSha256, byte[] Sealed)
{
    public const int CurrentVersion = 1;

    /// <summary>Octets; a sealed record has about 2,000.</summary>
    public const int MaxOctets = 16 * 1024;

    /// <summary>NIST AES-256 in CBC mode, RFC 3565 section 4.1.</summary>
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static HubCredential Seal(HubCredential unsealed, Secrets secrets, X509Certificate2 owner)
    {
        byte[] clear = JsonSerializer.SerializeToUtf8Bytes(secrets, Json);
        try
        {
            EnvelopedCms envelope = new(new ContentInfo(clear), new AlgorithmIdentifier(new Oid(Aes256Cbc)));
            envelope.Encrypt(new CmsRecipient(SubjectIdentifierType.IssuerAndSerialNumber, owner, RSAEncryptionPadding.OaepSHA256));
            return unsealed with { CertificateSha256 = Fingerprint(owner), Sealed = envelope.Encode() };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    /// <exception cref="CryptographicException">Not for this certificate, damaged, or moved here from another record.</exception>
    public Secrets Open(X509Certificate2 own)
    {
        EnvelopedCms envelope = new();
        envelope.Decode(Sealed);
        if (envelope.ContentEncryptionAlgorithm.Oid.Value != Aes256Cbc)
        {
            throw new CryptographicException($"the credential is encrypted with {envelope.ContentEncryptionAlgorithm.Oid.Value}, not with AES-256");
        }

        envelope.Decrypt([own]);
        Secrets secrets;
        try
        {
            secrets = JsonSerializer.Deserialize<Secrets>(envelope.ContentInfo.Content, Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new CryptographicException("what is sealed is no credential", e);
        }

        return secrets.TargetServer == TargetServer && secrets.UserName == UserName
            ? secrets
            : throw new CryptographicException($"what is sealed is for account {secrets.UserName} on edge {secrets.TargetServer}");
    }

    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <returns>Null when it is no record, or of a later form.</returns>
    public static HubCredential? Read(ReadOnlySpan<byte> octets)
    {
        try
        {
            return octets.Length <= MaxOctets && JsonSerializer.Deserialize<HubCredential>(octets, Json) is
            { Version: CurrentVersion, TargetServer.Length: > 0, UserName.Length: > 0, Sealed.Length: > 0, CertificateSha256: not null } record
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Fingerprint(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    public override string ToString() => $"credential {UserName} for edge {TargetServer} (sealed)";

    /// <summary>What nobody but the owner may read. It says again what it is for, so that it cannot be moved to another record.</summary>
    /// <param name="AddressKey">The key that the edge hashes addresses with, base64.</param>
    internal sealed record Secrets(string TargetServer, string UserName, string Password, string AddressKey)
    {
        public override string ToString() => $"secrets of {UserName} (secret)";
    }
}
