using System.Security.Cryptography;
using System.Text;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>
/// Dovecot 2.3 and 2.4: one file of its configuration is ours. With one certificate each, IMAP and POP3 have their own; with several, Dovecot
/// tells them apart by name for both alike, since it takes no certificate by protocol beside one by name.
/// </summary>
/// <param name="folder">DATA/services/dovecot.</param>
public sealed class DovecotDriver(string folder, ServiceSettings settings, TimeProvider time) : IServiceDriver
{
    private static readonly ProbeAddress[] UsualImap = [new() { Address = "127.0.0.1:143" }, new() { Address = "127.0.0.1:993", Implicit = true }];

    private static readonly ProbeAddress[] UsualPop = [new() { Address = "127.0.0.1:110" }, new() { Address = "127.0.0.1:995", Implicit = true }];

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(settings.CommandSeconds);

    public string Name => "dovecot";

    public MailServices Services => MailServices.Imap | MailServices.Pop;

    private DovecotSettings Own => settings.Dovecot;

    public string? WhyAbsent() =>
        !Own.Enabled ? "Dovecot is left alone (services.json)" : File.Exists(Own.Configuration) ? null : $"there is no Dovecot: no {Own.Configuration}";

    public async Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        ServicePath.Checked(folder);
        ServiceFiles files = new();
        try
        {
            List<string> notes = [];
            DovecotLayout layout = DovecotLayout.Of(plan);
            if (layout.IsEmpty)
            {
                files.Delete(Own.Include);
            }
            else
            {
                string version = (await RunAsync(Own.Dovecot, ["--version"], "command", cancellationToken).ConfigureAwait(false)).Trim();
                bool isTurnedOn = await IsTurnedOnAsync(cancellationToken).ConfigureAwait(false);
                WriteCertificates(files, layout);
                files.WritePublic(Own.Include, Encoding.ASCII.GetBytes(layout.Write(folder, DovecotSyntax.Of(version), isTurnedOn)));
                notes.AddRange(layout.Notes);
            }

            DeleteOthers(files, layout);
            return new ServiceChange(files, false, notes, _ => Task.CompletedTask);
        }
        catch
        {
            files.PutBack();
            files.Dispose();
            throw;
        }
    }

    public async Task ValidateAsync(CancellationToken cancellationToken)
    {
        string read = await RunAsync(Own.Doveconf, ["-c", Own.Configuration, "-n"], "validation", cancellationToken).ConfigureAwait(false);
        if (File.Exists(Own.Include) && !read.Contains(folder + "/", StringComparison.Ordinal))
        {
            throw new ServiceException("notWired", $"{Own.Configuration} does not include {Own.Include}", $"add this as its last line: !include_try {Own.Include}");
        }
    }

    public async Task ReloadAsync(CancellationToken cancellationToken) =>
        await RunAsync(Own.Doveadm, ["-c", Own.Configuration, "reload"], "reload", cancellationToken).ConfigureAwait(false);

    public IReadOnlyList<ServiceProbe> Probes(BindingPlan plan)
    {
        // What both show by name is looked at where it was asked for: the other protocol may not be there at all.
        DovecotLayout layout = DovecotLayout.Of(plan);
        return
        [
            .. plan.Imap is not null && layout.Imap is { } imap ? ServiceProbe.Of(MailServices.Imap, imap, ProbeProtocol.Imap, Own.ImapProbes, UsualImap) : [],
            .. plan.Pop is not null && layout.Pop is { } pop ? ServiceProbe.Of(MailServices.Pop, pop, ProbeProtocol.Pop, Own.PopProbes, UsualPop) : [],
        ];
    }

    private void WriteCertificates(ServiceFiles files, DovecotLayout layout)
    {
        foreach (StoredCertificate one in layout.Certificates)
        {
            byte[] key = ServedPem.Key(one);
            try
            {
                files.WritePrivate(Path.Combine(folder, one.Sha256 + DovecotLayout.KeyEnding), key);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }

            files.WritePrivate(Path.Combine(folder, one.Sha256 + DovecotLayout.CertificateEnding), ServedPem.Chain(one));
        }
    }

    private void DeleteOthers(ServiceFiles files, DovecotLayout layout)
    {
        HashSet<string> wanted = [.. layout.Certificates.Select(one => one.Sha256)];
        foreach (string file in (Directory.Exists(folder) ? Directory.GetFiles(folder) : []).Where(file => !wanted.Contains(Path.GetFileName(file).Split('.')[0])))
        {
            files.Delete(file);
        }
    }

    /// <summary>Whether TLS is off but for what our own file says.</summary>
    private async Task<bool> IsTurnedOnAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(Own.Include) && (await File.ReadAllTextAsync(Own.Include, cancellationToken).ConfigureAwait(false)).Contains(DovecotLayout.TurnedOn, StringComparison.Ordinal))
        {
            return true;
        }

        return (await RunAsync(Own.Doveconf, ["-c", Own.Configuration, "-h", "ssl"], "command", cancellationToken).ConfigureAwait(false)).Trim() == "no";
    }

    private async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string code, CancellationToken cancellationToken)
    {
        ServiceCommandResult result = await ServiceCommand.RunAsync(program, arguments, _patience, time, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new ServiceException(code, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {result.Words}",
                code == "reload" ? "is Dovecot running? its log says more" : "mend what it names; `doveconf -n` shows the configuration");
    }
}
