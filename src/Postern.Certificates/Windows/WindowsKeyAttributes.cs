namespace Postern.Certificates;

/// <summary>What Windows writes beside a private key in a PKCS #12 file (fact sheet 7.8).</summary>
/// <param name="ProviderName">Attribute 1.3.6.1.4.1.311.17.1, "Microsoft CSP Name": the provider that an import gives the key to. Null: the importer's default.</param>
/// <param name="IsMachineKeySet">Attribute 1.3.6.1.4.1.311.17.2 is there: the key belongs to the computer, not to a user.</param>
/// <param name="KeySpec">From the key usage in the key itself (PKCS #8 attribute 2.5.29.15): 1 AT_KEYEXCHANGE, 2 AT_SIGNATURE; null: none is said.</param>
public sealed record WindowsKeyAttributes(string? ProviderName, bool IsMachineKeySet, int? KeySpec)
{
    public const string ProviderNameOid = "1.3.6.1.4.1.311.17.1";
    public const string MachineKeySetOid = "1.3.6.1.4.1.311.17.2";

    /// <summary>wincrypt.h AT_KEYEXCHANGE: for decryption and signatures.</summary>
    public const int KeyExchange = 1;

    /// <summary>wincrypt.h AT_SIGNATURE: for signatures only.</summary>
    public const int Signature = 2;

    public static WindowsKeyAttributes None { get; } = new(null, false, null);
}
