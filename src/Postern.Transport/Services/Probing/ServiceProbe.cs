using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>How a client comes to TLS.</summary>
public enum ProbeProtocol
{
    /// <summary>TLS from the first octet on.</summary>
    Tls,

    /// <summary>RFC 3207.</summary>
    Smtp,

    /// <summary>RFC 9051 section 6.2.1.</summary>
    Imap,

    /// <summary>RFC 2595 section 4.</summary>
    Pop,
}

/// <summary>One look at what a service shows.</summary>
/// <param name="Address"><c>host:port</c>.</param>
/// <param name="Name">Name that is asked for (SNI); null: none.</param>
/// <param name="Sha256">Of the certificate that must be shown, lower-case hexadecimal digits.</param>
/// <param name="IsOptional">A usual port: nobody may be there, but somebody at one of them.</param>
public sealed record ServiceProbe(MailServices Service, string Address, ProbeProtocol Protocol, string? Name, string Sha256, bool IsOptional)
{
    /// <summary>Looks at one address: without a name first, then one name of each certificate, then the next, until here. Ours.</summary>
    public const int MaxNames = 32;

    /// <summary>Characters of a name that can be asked for (RFC 1035 section 2.3.4, without the lengths and the root).</summary>
    private const int MaxNameLength = 253;

    /// <summary>Stands for whatever a wildcard stands for.</summary>
    private const string ProbeLabel = "postern-probe";

    internal static IEnumerable<ServiceProbe> Of(
        MailServices service, ServiceBinding binding, ProbeProtocol start, IReadOnlyList<ProbeAddress> configured, IReadOnlyList<ProbeAddress> usual)
    {
        string?[] names = [null, .. Names(binding)];
        return from address in configured.Count > 0 ? configured : usual
               from name in names
               select new ServiceProbe(service, address.Address, address.Implicit ? ProbeProtocol.Tls : start, name, binding.For(name).Sha256, configured.Count == 0);
    }

    private static IEnumerable<string> Names(ServiceBinding binding) => binding.Names
        .GroupBy(one => one.Value.Sha256, one => one.Key, StringComparer.Ordinal)
        .SelectMany(names => names.Order(StringComparer.Ordinal).Select((name, index) => (name, index)))
        .OrderBy(one => one.index).ThenBy(one => one.name, StringComparer.Ordinal)
        .Select(one => one.name.StartsWith('*') ? ProbeLabel + one.name[1..] : one.name)
        .Where(one => one.Length <= MaxNameLength)
        .Take(MaxNames);
}
