using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Certificates;

/// <summary>What something that ends is on its node.</summary>
public enum WatchedKind
{
    /// <summary>Of the store: SMTP, IMAP, HTTPS, ...</summary>
    Service,

    /// <summary>What the node proves itself with to hubs and edges.</summary>
    Node,

    /// <summary>A root or an intermediate of the trust folder.</summary>
    Issuer,

    /// <summary>A revocation list of the trust folder.</summary>
    RevocationList,

    /// <summary>A file that cannot be used; it has no dates.</summary>
    Fault,
}

/// <summary>One certificate, or list, of a node.</summary>
/// <param name="Name">Subject; of a list its issuer and file; of a fault what is wrong.</param>
/// <param name="Services">Words; empty: bound to nothing.</param>
/// <param name="EndsUtc">The earliest end of it and of the issuers that are sent with it; null: none.</param>
/// <param name="Status">When the report was made; dates are looked at again by who reads it.</param>
public sealed record WatchedCertificate(
    WatchedKind Kind, string Name, string? Thumbprint, string? Sha256, string? Issuer, IReadOnlyList<string> Services, DateTimeOffset? NotBeforeUtc, DateTimeOffset? EndsUtc,
    CertificateStatus Status, string? Reason)
{
    /// <summary>Only who was given it trusts it, as is the nature of self-signed ones.</summary>
    public bool IsSelfSigned { get; init; }

    /// <summary>Whether anything depends on it.</summary>
    [JsonIgnore]
    public bool IsInUse => Kind != WatchedKind.Service || Services.Count > 0;
}

/// <summary>The certificates of a node at one time. Public knowledge: no key, no secret.</summary>
/// <param name="Certificates">At most <see cref="MaxCertificates"/>, those in use first.</param>
/// <param name="Left">How many more there are.</param>
public sealed record CertificateReport(int Version, DateTimeOffset TakenUtc, IReadOnlyList<WatchedCertificate> Certificates, int Left)
{
    public const int CurrentVersion = 1;

    /// <summary>In one report. A mail server has ten. Ours.</summary>
    public const int MaxCertificates = 200;

    /// <summary>Octets of a report: 200 of the longest names. Ours.</summary>
    public const int MaxOctets = 256 * 1024;

    /// <summary>The last ones are left out where it would be too large.</summary>
    public byte[] Write()
    {
        byte[] octets = JsonSerializer.SerializeToUtf8Bytes(this, CertificateReportJson.Default.CertificateReport);
        int half = Certificates.Count / 2;
        return octets.Length <= MaxOctets || half == 0 ? octets : (this with { Certificates = [.. Certificates.Take(half)], Left = Left + Certificates.Count - half }).Write();
    }

    /// <summary>Whether it says the same, at another time.</summary>
    public bool SaysAsMuchAs(CertificateReport other) => (this with { TakenUtc = default }).Write().AsSpan().SequenceEqual((other with { TakenUtc = default }).Write());

    /// <returns>Null: it is none, or of a later version.</returns>
    public static CertificateReport? TryRead(ReadOnlySpan<byte> octets)
    {
        try
        {
            return octets.Length is 0 or > MaxOctets ? null
                : JsonSerializer.Deserialize(octets, CertificateReportJson.Default.CertificateReport) is { Version: CurrentVersion, Certificates: not null } report
                    && report.Certificates.Count <= MaxCertificates && report.Certificates.All(one => one is { Name: not null, Services: not null }) ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CertificateReport))]
internal sealed partial class CertificateReportJson : JsonSerializerContext;
