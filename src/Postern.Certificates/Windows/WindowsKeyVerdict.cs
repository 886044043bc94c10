namespace Postern.Certificates;

/// <summary>Whether the EdgeSync service of Exchange on Windows can use a certificate's key (event 1035 where it cannot; fact sheet 7.8).</summary>
public enum WindowsKeyUse
{
    /// <summary>The key is in the older interface, or will be.</summary>
    Usable,

    /// <summary>Event 1035.</summary>
    Refused,

    /// <summary>Nothing says where the key is or will be.</summary>
    Unknown,

    /// <summary>There is no private key to speak of.</summary>
    NoKey,
}

/// <param name="Reason">A sentence.</param>
/// <param name="CanConvert">Whether <c>postern certificate convert --provider capi</c> mends it.</param>
public sealed record WindowsKeyVerdict(WindowsKeyUse Use, string Reason, bool CanConvert)
{
    /// <summary>Of a key in a PKCS #12 file: what an import on Windows will make of it.</summary>
    /// <param name="algorithm">As of <see cref="PrivateKeyEntry.Algorithm"/>.</param>
    public static WindowsKeyVerdict OfFile(string algorithm, WindowsKeyAttributes windows)
    {
        if (algorithm != PrivateKeyHeader.Rsa)
        {
            return NoRsa(algorithm);
        }

        return windows.ProviderName is null && windows.KeySpec != WindowsKeyAttributes.Signature
            ? new WindowsKeyVerdict(WindowsKeyUse.Usable,
                $"the file names no provider, so an import uses one of the older interface by default; name it to be sure: certutil -csp \"{WindowsKeyProvider.SChannel}\" -importpfx FILE", CanConvert: true)
            : Of(WindowsKeyProvider.Classify(windows.ProviderName, null), windows.ProviderName ?? "the importer's default", windows.KeySpec);
    }

    /// <summary>Of a key that is in a store of Windows.</summary>
    /// <param name="type">ProviderType; null: not known.</param>
    /// <param name="isRsa">False: another algorithm; null: not known.</param>
    public static WindowsKeyVerdict OfStore(string? provider, int? type, int? keySpec, bool? isRsa) =>
        provider is null && type is null ? new WindowsKeyVerdict(WindowsKeyUse.NoKey, "no private key is named with it", CanConvert: false)
        : isRsa == false ? NoRsa("not RSA")
        : Of(WindowsKeyProvider.Classify(provider, type), provider ?? $"type {type}", keySpec);

    private static WindowsKeyVerdict NoRsa(string algorithm) =>
        new(WindowsKeyUse.Refused, $"the key is {algorithm}: only CNG can hold it, and EdgeSync only takes keys of the older interface (event 1035); it needs another certificate, with an RSA key", CanConvert: false);

    private static WindowsKeyVerdict Of(WindowsKeyInterface kind, string provider, int? keySpec) => (kind, keySpec) switch
    {
        (WindowsKeyInterface.Cng, _) => new WindowsKeyVerdict(WindowsKeyUse.Refused, $"the key belongs to CNG ({provider}), and EdgeSync only takes keys of the older interface (event 1035)", CanConvert: true),
        (WindowsKeyInterface.Unknown, _) => new WindowsKeyVerdict(WindowsKeyUse.Unknown, $"the provider '{provider}' is not one of Windows itself; its ProviderType tells: 0 is CNG, which EdgeSync refuses (event 1035)", CanConvert: true),
        (_, WindowsKeyAttributes.Signature) => new WindowsKeyVerdict(WindowsKeyUse.Refused, $"the key may sign only (KeySpec 2, AT_SIGNATURE; {provider}), and cannot open what was encrypted for it", CanConvert: true),
        _ => new WindowsKeyVerdict(WindowsKeyUse.Usable, $"the key is in the older interface ({provider})", CanConvert: true),
    };
}
