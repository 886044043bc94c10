using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>nginx: server blocks include snippets of ours, which name the files of a certificate: postern.conf for the default one,
/// postern-NAME.conf for each site that is named in services.json. nginx itself finds the server block by name (SNI).</summary>
/// <param name="folder">DATA/services/nginx.</param>
public sealed class NginxDriver(string folder, ServiceSettings settings, TimeProvider time) : IServiceDriver
{
    private const string DefaultSite = "default";

    private static readonly ProbeAddress[] UsualPorts = [new() { Address = "127.0.0.1:443", Implicit = true }];

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(settings.CommandSeconds);

    public string Name => "nginx";

    public MailServices Services => MailServices.Https;

    private NginxSettings Own => settings.Nginx;

    public string? WhyAbsent() =>
        !Own.Enabled ? "nginx is left alone (services.json)" : File.Exists(Own.Configuration) ? null : $"there is no nginx: no {Own.Configuration}";

    public async Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        ServicePath.Checked(folder);
        if (plan.Https is not { } binding)
        {
            // nginx does not start without the files that it is told of: they stay until a server block names others.
            return new ServiceChange(new ServiceFiles(), false, SnippetsThere()
                ? [$"nginx goes on with the last certificate: no certificate is enabled for HTTPS. Name another one in its server blocks, then delete {Own.Snippets}/postern*.conf"] : [],
                _ => Task.CompletedTask);
        }

        Dictionary<string, StoredCertificate> sites = Sites(binding);
        ServiceFiles files = new();
        try
        {
            foreach ((string site, StoredCertificate one) in sites)
            {
                Write(files, site, one);
            }

            if (await NotIncludedAsync(sites.Keys, cancellationToken).ConfigureAwait(false) is not { } missing)
            {
                return new ServiceChange(files, false, [], _ => Task.CompletedTask);
            }

            // A new file that no server block includes harms nobody, and has to be there before one can.
            throw new ServiceException("notWired", $"no server block of {Own.Configuration} includes {missing}",
                $"the file is there now: put 'include {missing};' into the server block in place of its ssl_certificate lines, then run the command again. "
                + $"If nginx is none of Postern's business: nginx.enabled = false in {ServiceSettingsFile.Name}");
        }
        catch (Exception e)
        {
            if (e is ServiceException { Code: "notWired" })
            {
                // Other server blocks may use what was there.
                files.PutBackChanged();
            }
            else
            {
                files.PutBack();
            }

            files.Dispose();
            throw;
        }
    }

    public async Task ValidateAsync(CancellationToken cancellationToken) => await RunAsync(["-t"], "validation", cancellationToken).ConfigureAwait(false);

    public async Task ReloadAsync(CancellationToken cancellationToken) => await RunAsync(["-s", "reload"], "reload", cancellationToken).ConfigureAwait(false);

    public IReadOnlyList<ServiceProbe> Probes(BindingPlan plan)
    {
        if (plan.Https is not { } binding)
        {
            return [];
        }

        Dictionary<string, StoredCertificate> sites = Sites(binding);
        ServiceBinding served = new(sites[DefaultSite], sites.Where(one => one.Key != DefaultSite).ToDictionary(StringComparer.Ordinal));
        return [.. ServiceProbe.Of(MailServices.Https, served, ProbeProtocol.Tls, Own.Probes, UsualPorts)];
    }

    private Dictionary<string, StoredCertificate> Sites(ServiceBinding binding)
    {
        Dictionary<string, StoredCertificate> sites = new(StringComparer.Ordinal) { [DefaultSite] = binding.Default };
        foreach (string text in Own.Sites)
        {
            if (!CertificateNames.TryRead(text, out string? site, out string? error) || site.StartsWith('*'))
            {
                throw new ServiceException("settings", $"{ServiceSettingsFile.Name}: nginx.sites: {error ?? $"'{text}' is a wildcard"}", "name the server_name of a server block");
            }

            sites[site] = binding.For(site);
        }

        return sites;
    }

    private bool SnippetsThere() => File.Exists(SnippetOf(DefaultSite));

    private string SnippetOf(string site) => Path.Combine(Own.Snippets, site == DefaultSite ? "postern.conf" : $"postern-{site}.conf");

    private void Write(ServiceFiles files, string site, StoredCertificate one)
    {
        string certificate = Path.Combine(folder, site + ".pem");
        string keyFile = Path.Combine(folder, site + ".key");
        byte[] key = ServedPem.Key(one);
        try
        {
            files.WritePrivate(keyFile, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        files.WritePrivate(certificate, ServedPem.Chain(one));
        string snippet = string.Create(CultureInfo.InvariantCulture, $"# Written by postern: changes are lost.\nssl_certificate {certificate};\nssl_certificate_key {keyFile};\n");
        files.WritePublic(SnippetOf(site), Encoding.ASCII.GetBytes(snippet));
    }

    /// <summary>`nginx -T` prints each file that it reads after a line with its name.</summary>
    private async Task<string?> NotIncludedAsync(IEnumerable<string> sites, CancellationToken cancellationToken)
    {
        string all = await RunAsync(["-T"], "validation", cancellationToken).ConfigureAwait(false);
        return sites.Select(SnippetOf).FirstOrDefault(snippet => !all.Contains($"# configuration file {snippet}:", StringComparison.Ordinal));
    }

    private async Task<string> RunAsync(IReadOnlyList<string> arguments, string code, CancellationToken cancellationToken)
    {
        ServiceCommandResult result = await ServiceCommand.RunAsync(Own.Nginx, ["-c", Own.Configuration, .. arguments], _patience, time, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new ServiceException(code, $"nginx {string.Join(' ', arguments)}: {result.Words}", code == "reload" ? "is nginx running? its error log says more" : "mend what it names");
    }
}
