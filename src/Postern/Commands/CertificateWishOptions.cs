using System.CommandLine;
using Postern.Control;
using Postern.Mail;
using Postern.Operations.Certificates;
using Postern.Operations.Configuration;

namespace Postern.Commands;

/// <summary>What a certificate shall say, as <c>certificate new</c> and <c>certificate request</c> take it (fact sheet 7.3).</summary>
internal sealed class CertificateWishOptions
{
    private readonly Option<string?> _subject = new("--subject") { HelpName = "X500", Description = "e.g. C=DE,O=Example,CN=mail.example.com (default: the first name as CN)" };

    private readonly Option<string[]> _names = new("--domain")
    {
        HelpName = "NAME",
        Description = "a DNS name, *.example.com, or an IP address that it is for; may be repeated (default: short name and FQDN of this machine)",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _acceptedDomains = new("--include-accepted-domains") { Description = "also for the accepted domains that the daemon knows" };

    private readonly Option<bool> _autodiscover = new("--include-autodiscover") { Description = "also for autodiscover.DOMAIN of each accepted domain" };

    private readonly Option<string> _algorithm = Arguments.Choice("--algorithm", "kind of key (default ecdsaP256; rsa2048 for old peers)", [.. CertificateOperations.Algorithms]);

    private readonly Option<string?> _friendlyName = new("--friendly-name") { HelpName = "TEXT", Description = $"a name for people, at most {CertificateIssuing.MaxFriendlyName} characters" };

    private readonly Option<bool> _exportable = new("--exportable") { Description = "`postern certificate export` may give the key out" };

    private CertificateWishOptions() => _algorithm.DefaultValueFactory = _ => CertificateOperations.Algorithms[0];

    public static CertificateWishOptions AddTo(Command command)
    {
        CertificateWishOptions options = new();
        foreach (Option option in (Option[])[
            options._subject, options._names, options._acceptedDomains, options._autodiscover, options._algorithm, options._friendlyName, options._exportable])
        {
            command.Options.Add(option);
        }

        return options;
    }

    public async Task<CertificateWish> ReadAsync(VerbContext context, Option<string?> data)
    {
        List<string> names = [.. context.Get(_names) ?? []];
        if (context.Get(_acceptedDomains) || context.Get(_autodiscover))
        {
            if (names.Count == 0 && context.Get(_subject) is null)
            {
                names.AddRange(CertificateIssuing.OwnNames());
            }

            ConfigurationList domains = await context.Daemon(data).SendAsync(
                ControlRoutes.Configuration(ConfigurationClasses.AcceptedDomain, "list"), new ConfigurationRequest(),
                PosternJson.Default.ConfigurationRequest, PosternJson.Default.ConfigurationList, context.Cancellation);
            foreach (string domain in domains.Objects.Select(one => (string?)one["name"]).OfType<string>())
            {
                if (context.Get(_acceptedDomains))
                {
                    names.Add(domain);
                }

                if (context.Get(_autodiscover) && !domain.StartsWith(AcceptedDomain.WildcardPrefix, StringComparison.Ordinal))
                {
                    names.Add($"autodiscover.{domain}");
                }
            }
        }

        return new CertificateWish(context.Get(_subject), names, context.Get(_algorithm)) { FriendlyName = context.Get(_friendlyName), IsExportable = context.Get(_exportable) };
    }
}
