using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>What one service shows.</summary>
/// <param name="Default">To clients that ask for no name, or for one that is not there.</param>
/// <param name="Names">To clients that ask for a name (SNI), by name in lower case, <c>*.example.com</c> included; empty where
/// <paramref name="Default"/> is the only one.</param>
public sealed record ServiceBinding(StoredCertificate Default, IReadOnlyDictionary<string, StoredCertificate> Names)
{
    /// <summary>Each once, <see cref="Default"/> first.</summary>
    public IEnumerable<StoredCertificate> Certificates => Names.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => one.Value).Prepend(Default).DistinctBy(one => one.Sha256);

    /// <summary>The one that a client which asks for this name is shown.</summary>
    public StoredCertificate For(string? name) =>
        name is null ? Default
        : Names.TryGetValue(name, out StoredCertificate? exact) ? exact
        : name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && Names.TryGetValue("*" + name[dot..], out StoredCertificate? wildcard) ? wildcard
        : Default;
}
