using System.Globalization;
using System.Text;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>How a version of Dovecot spells it.</summary>
internal sealed record DovecotSyntax(string Certificate, string Key)
{
    /// <exception cref="ServiceException">Another version.</exception>
    public static DovecotSyntax Of(string version) =>
        version.StartsWith("2.3.", StringComparison.Ordinal) ? new DovecotSyntax("ssl_cert = <", "ssl_key = <")
        : version.StartsWith("2.4.", StringComparison.Ordinal) ? new DovecotSyntax("ssl_server_cert_file = ", "ssl_server_key_file = ")
        : throw new ServiceException("unsupported", $"this is Dovecot {version}; 2.3 and 2.4 are known", "upgrade Dovecot, or name the certificates in its configuration by hand (services.json: dovecot.enabled = false)");
}

/// <summary>What Dovecot can be told of the plan.</summary>
/// <param name="Imap">What IMAP shows then; null: what it showed before Postern came.</param>
/// <param name="IsShared">By name, for both protocols.</param>
internal sealed record DovecotLayout(ServiceBinding? Imap, ServiceBinding? Pop, bool IsShared)
{
    public const string CertificateEnding = ".pem";
    public const string KeyEnding = ".key";
    public const string TurnedOn = "ssl = yes\n";

    public bool IsEmpty => Imap is null && Pop is null;

    public IEnumerable<StoredCertificate> Certificates =>
        new[] { Imap, Pop }.OfType<ServiceBinding>().SelectMany(one => one.Certificates).DistinctBy(one => one.Sha256);

    public IReadOnlyList<string> Notes { get; private init; } = [];

    public static DovecotLayout Of(BindingPlan plan)
    {
        if (plan.Imap is not { Names.Count: > 0 } && plan.Pop is not { Names.Count: > 0 })
        {
            return new DovecotLayout(plan.Imap, plan.Pop, false);
        }

        // doveconf refuses a setting of local_name { } beside the same of protocol { }: "Conflict in setting".
        Dictionary<string, StoredCertificate> names = new((plan.Imap ?? plan.Pop)!.Names, StringComparer.Ordinal);
        foreach (ServiceBinding one in new[] { plan.Imap, plan.Pop }.OfType<ServiceBinding>())
        {
            foreach (string name in one.Names.Count > 0 ? one.Names.Keys : ServedNames.Of(one.Default.Certificate!, out _))
            {
                names.TryAdd(name, one.For(name));
            }
        }

        ServiceBinding both = new((plan.Imap ?? plan.Pop)!.Default, names);
        bool isSame = plan.Imap is { } imap && plan.Pop is { } pop && imap.Certificates.Select(one => one.Sha256).Order().SequenceEqual(pop.Certificates.Select(one => one.Sha256).Order())
            && imap.Default.Sha256 == pop.Default.Sha256;
        return new DovecotLayout(both, both, true)
        {
            Notes = isSame ? [] : ["Dovecot tells several certificates apart by name only: IMAP and POP3 show the same ones"],
        };
    }

    /// <summary>The file that Dovecot includes. Names are those of <see cref="ServedNames"/>: nothing in them means anything to Dovecot.</summary>
    public string Write(string folder, DovecotSyntax syntax, bool isTurnedOn)
    {
        StringBuilder text = new("# Written by postern: changes are lost. `postern certificate enable` and `disable` change it.\n");
        text.Append(isTurnedOn ? TurnedOn : "");
        if (IsShared)
        {
            Pair(Imap!.Default, "");
            foreach ((string name, StoredCertificate one) in Imap.Names.OrderBy(one => one.Key, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"local_name {name} {{\n");
                Pair(one, "  ");
                text.Append("}\n");
            }

            return text.ToString();
        }

        foreach ((string protocol, ServiceBinding? binding) in (ReadOnlySpan<(string, ServiceBinding?)>)[("imap", Imap), ("pop3", Pop)])
        {
            if (binding is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $"protocol {protocol} {{\n");
                Pair(binding.Default, "  ");
                text.Append("}\n");
            }
        }

        return text.ToString();

        void Pair(StoredCertificate one, string indent) => text
            .Append(CultureInfo.InvariantCulture, $"{indent}{syntax.Certificate}{folder}/{one.Sha256}{CertificateEnding}\n")
            .Append(CultureInfo.InvariantCulture, $"{indent}{syntax.Key}{folder}/{one.Sha256}{KeyEnding}\n");
    }
}
