using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>Which certificate of the store each service shows, and for which names. Null: no certificate is enabled for it.</summary>
public sealed record BindingPlan(ServiceBinding? Smtp, ServiceBinding? Imap, ServiceBinding? Pop, ServiceBinding? Https)
{
    /// <summary>What people have to know of it, e.g. a name that is left out.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <param name="store">All of it.</param>
    /// <param name="settings">Names that the services are reached by.</param>
    /// <param name="now">Certificates that are out of their dates come last.</param>
    public static BindingPlan Of(IEnumerable<StoredCertificate> store, ServiceSettings settings, DateTimeOffset now)
    {
        StoredCertificate[] usable = [.. store.Where(one => one is { Certificate: not null, HasPrivateKey: true })];
        SortedSet<string> notes = new(StringComparer.Ordinal);
        return new BindingPlan(
            Bind(MailServices.Smtp, null), Bind(MailServices.Imap, settings.Dovecot.ImapName), Bind(MailServices.Pop, settings.Dovecot.PopName), Bind(MailServices.Https, null))
        {
            Notes = [.. notes],
        };

        ServiceBinding? Bind(MailServices service, string? reachedBy)
        {
            StoredCertificate[] ranked = [.. CertificateRanking.Rank(usable.Where(one => one.Metadata.Services.HasFlag(service)), now)];
            if (ranked.Length == 0)
            {
                return null;
            }

            StoredCertificate byDefault = (service == MailServices.Smtp ? ranked.FirstOrDefault(one => one.Metadata.IsDefaultSmtp) : null)
                ?? ranked.FirstOrDefault(one => reachedBy is not null && one.Certificate!.MatchesHostname(reachedBy))
                ?? ranked[0];
            Dictionary<string, StoredCertificate> names = new(StringComparer.Ordinal);
            foreach (StoredCertificate one in ranked)
            {
                IReadOnlyList<string> own = ServedNames.Of(one.Certificate!, out IReadOnlyList<string> refused);
                foreach (string name in own)
                {
                    names.TryAdd(name, one);
                }

                notes.UnionWith(refused.Select(name => $"'{Printable(name)}' in certificate {one.Thumbprint} is no DNS name: nothing is served by it"));
            }

            return new ServiceBinding(byDefault, ranked.Length == 1 ? new Dictionary<string, StoredCertificate>() : names);
        }
    }

    public ServiceBinding? For(MailServices service) => service switch
    {
        MailServices.Smtp => Smtp,
        MailServices.Imap => Imap,
        MailServices.Pop => Pop,
        MailServices.Https => Https,
        _ => null,
    };

    private static string Printable(string text) => string.Concat(text.Take(CertificateNames.MaxLength).Select(one => char.IsControl(one) ? '?' : one));
}
