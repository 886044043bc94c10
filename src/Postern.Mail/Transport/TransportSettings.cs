using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>Settings of transport that hold for the whole organization (fact sheet 5): one object.</summary>
public sealed record TransportSettings(string Name) : ConfigurationObject
{
    public const string OnlyName = "transport";

    /// <summary>Our own servers: filters look past them for the address that mail really came from.</summary>
    public IReadOnlyList<AddressRange> InternalSmtpServers { get; init; } = [];

    /// <summary>Domains to which mail goes by mutual TLS only (fact sheet 6.2, domain security). No wildcards.</summary>
    public IReadOnlyList<string> TlsSendDomains { get; init; } = [];

    /// <summary>Domains from which mail comes by mutual TLS only. No wildcards.</summary>
    public IReadOnlyList<string> TlsReceiveDomains { get; init; } = [];

    internal static ConfigurationClass Class { get; } = new ConfigurationClass<TransportSettings>
    {
        Kind = "transportSettings",
        Noun = "transport setting",
        Command = "transport",
        ObjectClass = PosternClasses.TransportSettings,
        Unit = "transportSettings",
        MissingCode = "noSuchSettings",
        CanRename = false,
        OnlyName = OnlyName,
        Make = TryMake,
        Fields =
        [
            FieldsOf<TransportSettings>.List<AddressRange>(
                "internalSmtpServers", "--internal-smtp-server", PosternAttributes.InternalSmtpServers, "ADDRESSES",
                "our own servers, which filters look past: an address, a network or a range; may be given several times (default none)",
                AddressRange.TryParse, one => one.InternalSmtpServers, (one, value) => one with { InternalSmtpServers = value }),
            FieldsOf<TransportSettings>.List<string>(
                "tlsSendDomains", "--tls-send-domain", PosternAttributes.TlsSendDomains, "DOMAIN",
                "mail to this domain goes by mutual TLS only; may be given several times (default none)",
                TryReadDomain, one => one.TlsSendDomains, (one, value) => one with { TlsSendDomains = value }),
            FieldsOf<TransportSettings>.List<string>(
                "tlsReceiveDomains", "--tls-receive-domain", PosternAttributes.TlsReceiveDomains, "DOMAIN",
                "mail from this domain comes by mutual TLS only; may be given several times (default none)",
                TryReadDomain, one => one.TlsReceiveDomains, (one, value) => one with { TlsReceiveDomains = value }),
        ],
    };

    private static bool TryMake(string name, [NotNullWhen(true)] out TransportSettings? settings, [NotNullWhen(false)] out string? error)
    {
        bool good = name.Equals(OnlyName, StringComparison.OrdinalIgnoreCase);
        settings = good ? new TransportSettings(OnlyName) : null;
        error = good ? null : $"the transport settings are called '{OnlyName}', not '{name}'";
        return good;
    }

    private static bool TryReadDomain(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        if (text.Contains('*', StringComparison.Ordinal))
        {
            value = null;
            error = $"'{text}': wildcards are not allowed in lists of domains with mutual TLS; name each domain";
            return false;
        }

        return ConnectorClasses.TryReadHost(text, out value, out error);
    }
}
