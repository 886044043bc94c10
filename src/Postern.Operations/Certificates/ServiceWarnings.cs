using System.Globalization;
using Postern.Certificates;
using Postern.Transport.Services;

namespace Postern.Operations.Certificates;

/// <summary>What is bound, and yet will not do for everybody (fact sheet 7.4, 9.4).</summary>
internal static class ServiceWarnings
{
    public static IEnumerable<string> For(StoredCertificate stored, MailServices touched, ServiceSettings settings, IReadOnlyList<ProgramView> programs, TimeProvider time)
    {
        MailServices bound = stored.Metadata.Services & touched;
        if (bound != MailServices.None && stored.Certificate!.NotAfter.ToUniversalTime() < time.GetUtcNow().UtcDateTime)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{stored.Thumbprint} has expired ({stored.Certificate.NotAfter.ToUniversalTime():u}): clients refuse it. Bind one that is valid");
        }

        if (bound.HasFlag(MailServices.Imap) && Mailbox(stored, "IMAP", "imapName", settings.Dovecot.ImapName) is { } imap)
        {
            yield return imap;
        }

        if (bound.HasFlag(MailServices.Pop) && Mailbox(stored, "POP", "popName", settings.Dovecot.PopName) is { } pop)
        {
            yield return pop;
        }

        foreach ((MailServices service, string[] servedBy) in ((MailServices, string[])[])
            [(MailServices.Smtp, ["postfix"]), (MailServices.Imap, ["dovecot"]), (MailServices.Pop, ["dovecot"]), (MailServices.Https, ["nginx", "https"])])
        {
            ProgramView[] absent = [.. programs.Where(one => servedBy.Contains(one.Program))];
            if (bound.HasFlag(service) && absent.Length > 0 && absent.All(one => one.State == "absent"))
            {
                yield return $"nothing on this machine serves {string.Join(", ", MailServicesText.ToWords(service))} with it: {string.Join("; ", absent.SelectMany(one => one.Steps))}. {ServiceSettingsFile.Name} says where a service is";
            }
        }
    }

    private static string? Mailbox(StoredCertificate stored, string protocol, string key, string? name)
    {
        if (name is not null)
        {
            return stored.Certificate!.MatchesHostname(name)
                ? null
                : $"{stored.Thumbprint} does not cover {name}, the name of {protocol} ({ServiceSettingsFile.Name}: dovecot.{key}): mail programs refuse it. Bind a certificate for {name}, or correct dovecot.{key}";
        }

        string[] names = [.. CertifiedNames.Domains(stored.Certificate!)];
        string? common = CertificateSubject.CommonName(stored.Certificate!.SubjectName);
        bool isWildcard = common?.StartsWith("*.", StringComparison.Ordinal) ?? names.All(one => one.StartsWith('*'));
        return isWildcard
            ? $"the subject of {stored.Thumbprint} is a wildcard ({common ?? names.FirstOrDefault()}), no name that people can enter for {protocol}. "
                + $"Say which name they do enter: \"dovecot\": {{ \"{key}\": \"mail{(common ?? names.FirstOrDefault() ?? "*.example.com")[1..]}\" }} in {ServiceSettingsFile.Name}; then it is checked"
            : null;
    }
}
