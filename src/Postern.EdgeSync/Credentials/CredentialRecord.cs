using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postern.Certificates;

namespace Postern.EdgeSync.Credentials;

/// <summary>
/// One value of posternEdgeSyncCredential: the record of fact sheet 3.2 as UTF-8 JSON, its secret sealed for one certificate. A hub's own
/// entry has those that the hub uses; the edge's entry has, of the same accounts, those that the edge installs.
/// </summary>
/// <param name="Version">Of this form.</param>
/// <param name="TargetServer">The edge's name.</param>
/// <param name="SourceServer">The hub's name; empty for a bootstrap account.</param>
/// <param name="ExpirationTime">Null: until it is replaced.</param>
/// <param name="UserName">The account; of an address key, a name that tells it from others.</param>
/// <param name="CertificateSha256">Of the certificate that <paramref name="Sealed"/> is for, lower-case hexadecimal digits.</param>
/// <param name="Sealed">CMS; see <see cref="SealedData"/>.</param>
internal sealed record CredentialRecord(
    int Version, CredentialKind Kind, string TargetServer, string TargetServerFqdn, string SourceServer, string SourceServerFqdn,
    DateTimeOffset EffectiveTime, DateTimeOffset? ExpirationTime, string UserName, string CertificateSha256, byte[] Sealed)
{
    public const int CurrentVersion = 2;

    /// <summary>Octets; a record that is sealed for RSA-4096 has about 2,500.</summary>
    public const int MaxOctets = 16 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <param name="unsealed">Everything but the last two.</param>
    public static CredentialRecord Seal(CredentialRecord unsealed, string secret, X509Certificate2 owner)
    {
        byte[] clear = JsonSerializer.SerializeToUtf8Bytes(Inside.Of(unsealed, secret), Json);
        try
        {
            return unsealed with { CertificateSha256 = CertificatePin.Of(owner).ToString(), Sealed = SealedData.Seal(clear, owner) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    /// <summary>The secret: a password, or a key in base64.</summary>
    /// <exception cref="CryptographicException">Sealed for none of these, damaged, or moved here from another record.</exception>
    public string Open(IReadOnlyList<X509Certificate2> own)
    {
        byte[] clear = SealedData.Open(Sealed, own);
        try
        {
            Inside inside = JsonSerializer.Deserialize<Inside>(clear, Json) ?? throw new JsonException("null");
            return inside == Inside.Of(this, inside.Secret)
                ? inside.Secret
                : throw new CryptographicException($"what is sealed here is {inside.UserName} for edge {inside.TargetServer}, not {UserName} for {TargetServer} with these times");
        }
        catch (JsonException e)
        {
            throw new CryptographicException("what is sealed is no credential", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    public bool IsSealedFor(X509Certificate2 certificate) => string.Equals(CertificateSha256, CertificatePin.Of(certificate).ToString(), StringComparison.Ordinal);

    public bool IsFor(string edge) => string.Equals(TargetServer, edge, StringComparison.OrdinalIgnoreCase);

    public bool IsOf(string hub) => string.Equals(SourceServer, hub, StringComparison.OrdinalIgnoreCase);

    /// <summary>Years that arithmetic with lives of accounts cannot leave. Ours.</summary>
    private const int FirstYear = 2000;
    private const int LastYear = 9000;

    private bool HasBelievableTimes => EffectiveTime.Year is >= FirstYear and < LastYear
        && (ExpirationTime is not { } end || (end.Year is >= FirstYear and < LastYear && end > EffectiveTime));

    public bool HasExpired(DateTimeOffset now) => now >= ExpirationTime;

    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <returns>Null when it is no record, or of another form.</returns>
    public static CredentialRecord? Read(ReadOnlySpan<byte> octets)
    {
        try
        {
            return octets.Length <= MaxOctets && JsonSerializer.Deserialize<CredentialRecord>(octets, Json) is
            { Version: CurrentVersion, TargetServer.Length: > 0, SourceServer: not null, UserName.Length: > 0, Sealed.Length: > 0, CertificateSha256: not null } record
                && record.HasBelievableTimes
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override string ToString() => $"{Kind} {UserName} for edge {TargetServer} (sealed)";

    /// <summary>What is sealed says again what it is for, so that it can be moved to no other record and no time can be changed.</summary>
    private sealed record Inside(
        CredentialKind Kind, string TargetServer, string SourceServer, string UserName, DateTimeOffset EffectiveTime, DateTimeOffset? ExpirationTime, string Secret)
    {
        public static Inside Of(CredentialRecord record, string secret) => new(
            record.Kind, record.TargetServer, record.SourceServer, record.UserName, record.EffectiveTime, record.ExpirationTime, secret);

        public override string ToString() => $"{UserName} (secret)";
    }
}

/// <summary>A record as it stands in an attribute, with the octets that deleting it needs.</summary>
internal sealed record StoredCredential(ReadOnlyMemory<byte> Octets, CredentialRecord? Record);
