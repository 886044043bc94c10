using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Postern.Certificates;

namespace Postern.EdgeSync.Auth;

/// <summary>One value of posternAuthKey: the key of one auth certificate, sealed for one hub (docs/adr/0012).</summary>
/// <param name="Version">Of this form.</param>
/// <param name="Certificate">SHA-256 of the auth certificate, lower-case hexadecimal digits.</param>
/// <param name="Hub">Short name of the hub that can open it.</param>
/// <param name="HubCertificate">SHA-256 of the TransportService-Cert that it is sealed for.</param>
/// <param name="SealedBy">The hub that did: the same as <paramref name="Hub"/> once that hub has opened it and sealed it for itself.</param>
/// <param name="Sealed">CMS; see <see cref="SealedData"/>.</param>
internal sealed record AuthKeyRecord(int Version, string Certificate, string Hub, string HubCertificate, string SealedBy, DateTimeOffset SealedAt, byte[] Sealed)
{
    public const int CurrentVersion = 1;

    /// <summary>Octets; the key of RSA-4096 sealed for RSA-4096 has about 6,000 in base64. Ours.</summary>
    public const int MaxOctets = 16 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public bool IsTaken => string.Equals(Hub, SealedBy, StringComparison.OrdinalIgnoreCase);

    /// <param name="auth">With its key.</param>
    /// <param name="owner">The hub's TransportService-Cert.</param>
    public static AuthKeyRecord Seal(X509Certificate2 auth, string hub, X509Certificate2 owner, string sealedBy, DateTimeOffset now)
    {
        string certificate = CertificatePin.Of(auth).ToString();
        byte[] key = ExportKey(auth);
        byte[] clear = [];
        try
        {
            clear = JsonSerializer.SerializeToUtf8Bytes(new Inside(certificate, hub, key), Json);
            return new AuthKeyRecord(CurrentVersion, certificate, hub, CertificatePin.Of(owner).ToString(), sealedBy, now, SealedData.Seal(clear, owner));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    /// <param name="auth">The certificate that the record names, DER.</param>
    /// <returns>The certificate with its key.</returns>
    /// <exception cref="CryptographicException">Sealed for none of these, damaged, of another certificate, or moved here from another hub's record.</exception>
    public X509Certificate2 Open(ReadOnlySpan<byte> auth, IReadOnlyList<X509Certificate2> own)
    {
        byte[] clear = SealedData.Open(Sealed, own);
        Inside? inside = null;
        try
        {
            inside = JsonSerializer.Deserialize<Inside>(clear, Json);
            if (inside?.Key is null || inside.Certificate != Certificate || !string.Equals(inside.Hub, Hub, StringComparison.OrdinalIgnoreCase) || CertificatePin.Of(auth).ToString() != Certificate)
            {
                throw new CryptographicException("what is sealed is the key of another certificate, or another hub's");
            }

            using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(auth);
            return AttachKey(bare, inside.Key);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new CryptographicException("what is sealed is not the key of the auth certificate", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
            CryptographicOperations.ZeroMemory(inside?.Key ?? []);
        }
    }

    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <returns>Null when it is no record, or of another form.</returns>
    public static AuthKeyRecord? Read(ReadOnlySpan<byte> octets)
    {
        try
        {
            return octets.Length <= MaxOctets && JsonSerializer.Deserialize<AuthKeyRecord>(octets, Json) is { Version: CurrentVersion, Certificate: not null, Hub: not null, HubCertificate: not null, SealedBy: not null, Sealed: not null } record
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] ExportKey(X509Certificate2 auth)
    {
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)auth.GetECDsaPrivateKey() ?? auth.GetRSAPrivateKey();
        return key?.ExportPkcs8PrivateKey() ?? throw new CryptographicException("the auth certificate has no key");
    }

    private static X509Certificate2 AttachKey(X509Certificate2 bare, byte[] pkcs8)
    {
        using ECDsa? publicEc = bare.GetECDsaPublicKey();
        if (publicEc is not null)
        {
            using ECDsa ec = ECDsa.Create();
            ec.ImportPkcs8PrivateKey(pkcs8, out _);
            return bare.CopyWithPrivateKey(ec);
        }

        using RSA rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        return bare.CopyWithPrivateKey(rsa);
    }

    private sealed record Inside(string Certificate, string Hub, byte[] Key);
}

/// <summary>A record as it stands in the attribute, with the octets that deleting it needs.</summary>
internal sealed record StoredAuthKey(ReadOnlyMemory<byte> Octets, AuthKeyRecord? Record);
