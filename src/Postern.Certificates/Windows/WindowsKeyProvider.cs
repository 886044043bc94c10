namespace Postern.Certificates;

/// <summary>The two interfaces of Windows through which a private key is used (fact sheet 7.8).</summary>
public enum WindowsKeyInterface
{
    /// <summary>Nothing says.</summary>
    Unknown,

    /// <summary>Cryptography API: Next Generation; a Key Storage Provider.</summary>
    Cng,

    /// <summary>The CryptoAPI from before; a Cryptographic Service Provider.</summary>
    Capi1,
}

/// <summary>Providers of Windows, by name and by type.</summary>
public static class WindowsKeyProvider
{
    /// <summary>Where EdgeSync of Exchange finds a key: type 12, made for TLS.</summary>
    public const string SChannel = "Microsoft RSA SChannel Cryptographic Provider";

    /// <summary>What enterprise templates and new software choose.</summary>
    public const string SoftwareStorage = "Microsoft Software Key Storage Provider";

    /// <summary>wincrypt.h PROV_RSA_SCHANNEL.</summary>
    public const int SChannelType = 12;

    private const string StorageSuffix = "Key Storage Provider";
    private const int RsaFull = 1;
    private const int RsaSignature = 2;
    private const int Dss = 3;
    private const int DssDh = 13;
    private const int DhSChannel = 18;
    private const int RsaAes = 24;

    /// <summary>Those of Windows itself, with their types from wincrypt.h.</summary>
    private static readonly Dictionary<string, int> Capi1Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [SChannel] = SChannelType,
        ["Microsoft DH SChannel Cryptographic Provider"] = DhSChannel,
        ["Microsoft Enhanced RSA and AES Cryptographic Provider"] = RsaAes,
        ["Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)"] = RsaAes,
        ["Microsoft Base Cryptographic Provider v1.0"] = RsaFull,
        ["Microsoft Enhanced Cryptographic Provider v1.0"] = RsaFull,
        ["Microsoft Strong Cryptographic Provider"] = RsaFull,
        ["Microsoft Base Smart Card Crypto Provider"] = RsaFull,
        ["Microsoft RSA Signature Cryptographic Provider"] = RsaSignature,
        ["Microsoft Base DSS Cryptographic Provider"] = Dss,
        ["Microsoft Base DSS and Diffie-Hellman Cryptographic Provider"] = DssDh,
        ["Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider"] = DssDh,
    };

    private static readonly Dictionary<int, string> TypeNames = new()
    {
        [RsaFull] = "PROV_RSA_FULL",
        [RsaSignature] = "PROV_RSA_SIG",
        [Dss] = "PROV_DSS",
        [SChannelType] = "PROV_RSA_SCHANNEL",
        [DssDh] = "PROV_DSS_DH",
        [DhSChannel] = "PROV_DH_SCHANNEL",
        [RsaAes] = "PROV_RSA_AES",
    };

    /// <param name="type">ProviderType: 0 is CNG, everything else the older interface; null: not known.</param>
    public static WindowsKeyInterface Classify(string? name, int? type) => type switch
    {
        0 => WindowsKeyInterface.Cng,
        not null => WindowsKeyInterface.Capi1,
        null when name is null => WindowsKeyInterface.Unknown,
        null when Capi1Types.ContainsKey(name.Trim()) => WindowsKeyInterface.Capi1,
        null when name.TrimEnd().EndsWith(StorageSuffix, StringComparison.OrdinalIgnoreCase) || name.Trim().Equals("Microsoft Platform Crypto Provider", StringComparison.OrdinalIgnoreCase) => WindowsKeyInterface.Cng,
        null => WindowsKeyInterface.Unknown,
    };

    /// <summary>Null: not one of Windows itself.</summary>
    public static int? TypeOf(string? name) => name is not null && Capi1Types.TryGetValue(name.Trim(), out int type) ? type : null;

    /// <summary>E.g. <c>PROV_RSA_SCHANNEL</c>; null: no known type.</summary>
    public static string? TypeName(int type) => TypeNames.GetValueOrDefault(type);
}
