using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>A server of the organization that edges must know: smart host <c>--</c> means all those of a site that take mail, and sessions
/// from inside prove themselves with its certificate (fact sheet 5). Each hub makes its own entry when it starts.</summary>
public sealed record SiteServer(string Name) : ConfigurationObject
{
    /// <summary>Octets of a certificate's DER. Ours.</summary>
    public const int MaxCertificate = 16 * 1024;

    /// <summary>Characters. Ours, as of every site.</summary>
    public const int MaxSite = 64;

    /// <summary>Fully qualified.</summary>
    public string? Fqdn { get; init; }

    public string? Site { get; init; }

    /// <summary>Mail for inside may be handed to it.</summary>
    public bool AcceptsMail { get; init; } = true;

    /// <summary>DER of the certificate of internal transport, base64.</summary>
    public string? Certificate { get; init; }

    /// <summary>The one that will take its place, DER in base64: trusted already.</summary>
    public string? NextCertificate { get; init; }

    /// <summary>The one whose place it took, DER in base64: trusted for a while.</summary>
    public string? PreviousCertificate { get; init; }

    internal static ConfigurationClass Class { get; } = new ConfigurationClass<SiteServer>
    {
        Kind = "siteServer",
        Noun = "server",
        Command = "server",
        ObjectClass = PosternClasses.Server,
        Unit = "servers",
        MissingCode = "noSuchServer",
        CanRename = false,
        Make = TryMake,
        Rules = Check,
        Projected = (one, _, site) => string.Equals(one.Site, site, StringComparison.OrdinalIgnoreCase) ? one : null,
        Fields =
        [
            FieldsOf<SiteServer>.Text<string>(
                "fqdn", "--host-name", PosternAttributes.ServerFqdn, "NAME", "its fully qualified name",
                ConnectorClasses.TryReadHost, one => one.Fqdn, (one, value) => one with { Fqdn = value }) with { Required = true, Column = true },
            FieldsOf<SiteServer>.Text<string>(
                "site", "--site", PosternAttributes.Site, "NAME", "its site (default: the hub's own)",
                TryReadSite, one => one.Site, (one, value) => one with { Site = value }) with { Column = true },
            FieldsOf<SiteServer>.Switch(
                "acceptsMail", "--accepts-mail", PosternAttributes.AcceptsMail, "mail for inside may be handed to it (default true)",
                one => one.AcceptsMail, (one, value) => one with { AcceptsMail = value }) with { Column = true },
            FieldsOf<SiteServer>.Octets(
                "certificate", "--certificate", PosternAttributes.InternalTlsCertificate, "certificate of its internal transport, PEM or DER",
                TryReadCertificate, one => one.Certificate, (one, value) => one with { Certificate = value }),
            FieldsOf<SiteServer>.Octets(
                "nextCertificate", "--next-certificate", PosternAttributes.NextCertificate, "the one that will take its place",
                TryReadCertificate, one => one.NextCertificate, (one, value) => one with { NextCertificate = value }),
            FieldsOf<SiteServer>.Octets(
                "previousCertificate", "--previous-certificate", PosternAttributes.PreviousCertificate, "the one whose place it took",
                TryReadCertificate, one => one.PreviousCertificate, (one, value) => one with { PreviousCertificate = value }),
        ],
    };

    public static bool TryMake(string name, [NotNullWhen(true)] out SiteServer? server, [NotNullWhen(false)] out string? error)
    {
        bool good = EdgeSource.TryParse(name, out EdgeSource? label, out _) && !label.IsEvery;
        server = good ? new SiteServer(label!.Edge) : null;
        error = good ? null : $"'{name}' is not the short name of a server: letters, digits and hyphens";
        return good;
    }

    private static string? Check(SiteServer one) =>
        one.Fqdn is null ? "it has no host name" : one.Site is null ? "it has no site" : null;

    private static bool TryReadSite(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error) =>
        PlainText.TryRead(text, MaxSite, out value, out error);

    private static bool TryReadCertificate(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        byte[] octets = new byte[MaxCertificate + 1];
        bool good = Convert.TryFromBase64String(text, octets, out int count) && count is > 0 and <= MaxCertificate;
        value = good ? Convert.ToBase64String(octets, 0, count) : null;
        error = good ? null : $"the certificate is not DER in base64, or has more than {MaxCertificate} octets";
        return good;
    }
}
