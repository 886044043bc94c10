using System.Text.Json.Serialization;

namespace Postern.Certificates;

/// <summary>How a certificate came into the store.</summary>
public enum CertificateOrigin
{
    Imported,
    SelfSigned,

    /// <summary>From a request that was made here.</summary>
    Requested,

    /// <summary>From a folder that an ACME client keeps.</summary>
    Watched,
}

/// <summary>What the node knows of a certificate beside what is written in it: metadata.json of its file set.</summary>
public sealed record CertificateMetadata
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>At most 63 characters (fact sheet 7.3).</summary>
    public string? FriendlyName { get; init; }

    public CertificateOrigin Origin { get; init; }

    /// <summary>What it is bound to.</summary>
    public MailServices Services { get; init; }

    /// <summary>Shown to SMTP clients that ask for no name, or for one that no certificate has.</summary>
    public bool IsDefaultSmtp { get; init; }

    /// <summary>Whether `certificate export` gives the key out.</summary>
    public bool IsExportable { get; init; }

    public DateTimeOffset AddedUtc { get; init; }

    /// <summary>SHA-256 of the certificate in whose place it came.</summary>
    public string? Replaces { get; init; }

    /// <summary>Name of the lineage in the watched folder.</summary>
    public string? WatchedAs { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CertificateMetadata))]
internal sealed partial class CertificateMetadataJson : JsonSerializerContext;
