using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>
/// Postfix 3.4 or newer: smtpd_tls_chain_files for the default certificate, tls_server_sni_maps for names. The keys lie in a folder of
/// ours, main.cf only names it. What else main.cf says of certificates (smtpd_tls_cert_file, ...) stays, and counts again afterwards.
/// </summary>
/// <param name="folder">DATA/services/postfix.</param>
public sealed class PostfixDriver(string folder, ServiceSettings settings, TimeProvider time) : IServiceDriver
{
    private const string ChainFiles = "smtpd_tls_chain_files";
    private const string SniMaps = "tls_server_sni_maps";
    private const string SecurityLevel = "smtpd_tls_security_level";
    private const string TurnedOn = "may";

    private static readonly string[] Parameters = [ChainFiles, SniMaps, SecurityLevel];

    /// <summary>Both parameters came with it (postconf(5)).</summary>
    private static readonly Version LeastVersion = new(3, 4);

    /// <summary>Map types that postmap -F builds, and the ending of their files; the first that the Postfix has, its own default before.</summary>
    private static readonly (string Type, string Ending)[] MapTypes = [("lmdb", ".lmdb"), ("hash", ".db"), ("btree", ".db"), ("cdb", ".cdb")];

    private static readonly ProbeAddress[] UsualPorts =
        [new() { Address = "127.0.0.1:25" }, new() { Address = "127.0.0.1:587" }, new() { Address = "127.0.0.1:465", Implicit = true }];

    private readonly PostfixParameters _parameters = new(settings.Postfix, time, TimeSpan.FromSeconds(settings.CommandSeconds));

    public string Name => "postfix";

    public MailServices Services => MailServices.Smtp;

    private string DefaultFile => Path.Combine(folder, "default.pem");

    private string NamesFolder => Path.Combine(folder, "names");

    private string SniSource => Path.Combine(folder, "sni");

    /// <summary>DATA/services/: nothing in it was there before Postern.</summary>
    private string ServicesFolder => Path.GetDirectoryName(folder) + "/";

    private string BeforeFile => Path.Combine(folder, "before.json");

    public string? WhyAbsent() =>
        !settings.Postfix.Enabled ? "Postfix is left alone (services.json)"
        : File.Exists(Path.Combine(settings.Postfix.Folder, "main.cf")) ? null
        : $"there is no Postfix: no {Path.Combine(settings.Postfix.Folder, "main.cf")}";

    public async Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        ServicePath.Checked(folder);
        if (!Environment.IsPrivilegedProcess)
        {
            throw new ServiceException("notRoot", "main.cf is root's, and only root reloads Postfix", "run the command as root");
        }

        IReadOnlyDictionary<string, string> now = await _parameters.SetOnesAsync(Parameters, cancellationToken).ConfigureAwait(false);
        ServiceFiles files = new();
        try
        {
            List<string> notes = [];
            Dictionary<string, string?> wanted = plan.Smtp is { } binding
                ? await BindAsync(files, binding, now, notes, cancellationToken).ConfigureAwait(false)
                : Unbind(now, notes);
            Dictionary<string, string?> changed = wanted.Where(one => now.GetValueOrDefault(one.Key) != one.Value).ToDictionary(StringComparer.Ordinal);
            Dictionary<string, string?> back = changed.ToDictionary(one => one.Key, one => now.GetValueOrDefault(one.Key), StringComparer.Ordinal);
            await SetAsync(changed, back, cancellationToken).ConfigureAwait(false);

            // A before.json that is still there when nothing is bound: whoever was at it last did not come to its end, perhaps not to the reload.
            bool isUnbound = plan.Smtp is null && File.Exists(BeforeFile);
            return new ServiceChange(files, changed.Count > 0 || isUnbound, notes, token => _parameters.SetAsync(back, token))
            {
                Finish = isUnbound ? DeleteAllAsync : null,
            };
        }
        catch
        {
            files.PutBack();
            files.Dispose();
            throw;
        }
    }

    public async Task ValidateAsync(CancellationToken cancellationToken) =>
        await _parameters.RunAsync(settings.Postfix.Postfix, ["check"], cancellationToken, "validation").ConfigureAwait(false);

    public async Task ReloadAsync(CancellationToken cancellationToken) =>
        await _parameters.RunAsync(settings.Postfix.Postfix, ["reload"], cancellationToken, "reload").ConfigureAwait(false);

    public IReadOnlyList<ServiceProbe> Ports =>
        [.. from address in settings.Postfix.Probes.Count > 0 ? settings.Postfix.Probes : UsualPorts
            select new ServiceProbe(MailServices.Smtp, address.Address, address.Implicit ? ProbeProtocol.Tls : ProbeProtocol.Smtp, null, "", settings.Postfix.Probes.Count == 0)];

    public IReadOnlyList<ServiceProbe> Probes(BindingPlan plan) =>
        plan.Smtp is { } binding ? [.. ServiceProbe.Of(MailServices.Smtp, binding, ProbeProtocol.Smtp, settings.Postfix.Probes, UsualPorts)] : [];

    private async Task<Dictionary<string, string?>> BindAsync(
        ServiceFiles files, ServiceBinding binding, IReadOnlyDictionary<string, string> now, List<string> notes, CancellationToken cancellationToken)
    {
        await CheckVersionAsync(cancellationToken).ConfigureAwait(false);
        bool isOff = await _parameters.ValueAsync(SecurityLevel, cancellationToken).ConfigureAwait(false) is "" or "none"
            && await _parameters.ValueAsync("smtpd_use_tls", cancellationToken).ConfigureAwait(false) != "yes";
        PostfixBefore before = BeforeOf(now, isOff);
        files.WritePrivate(BeforeFile, JsonSerializer.SerializeToUtf8Bytes(before, PostfixJson.Default.PostfixBefore));
        Dictionary<string, string?> wanted = new(StringComparer.Ordinal)
        {
            [SniMaps] = await WriteNamesAsync(files, binding, cancellationToken).ConfigureAwait(false) ?? before.Parameters.GetValueOrDefault(SniMaps),
            [ChainFiles] = DefaultFile,
        };
        WriteKeyAndChain(files, DefaultFile, binding.Default);
        if (isOff)
        {
            wanted[SecurityLevel] = TurnedOn;
            notes.Add($"{SecurityLevel} was off: STARTTLS is offered now ({TurnedOn})");
        }

        return wanted;
    }

    /// <summary>What main.cf says now, but for values of ours: for these, what was there before them.</summary>
    private PostfixBefore BeforeOf(IReadOnlyDictionary<string, string> now, bool isOff)
    {
        PostfixBefore? last = Before();
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string name in Parameters)
        {
            if ((IsOurs(name, now, last) ? last?.Parameters : now)?.GetValueOrDefault(name) is { } value && !value.Contains(ServicesFolder, StringComparison.Ordinal))
            {
                values.Add(name, value);
            }
        }

        return new PostfixBefore(values, isOff || IsOurs(SecurityLevel, now, last));
    }

    /// <summary>Whether the value that main.cf has is one that Postern set.</summary>
    private bool IsOurs(string name, IReadOnlyDictionary<string, string> now, PostfixBefore? before) => now.GetValueOrDefault(name) is { } value && name switch
    {
        ChainFiles => value == DefaultFile,
        SniMaps => value.EndsWith(":" + SniSource, StringComparison.Ordinal),
        _ => before is { IsTurnedOn: true } && value == TurnedOn,
    };

    /// <summary>Only main.cf: what it names is deleted when Postfix has let go of it.</summary>
    private Dictionary<string, string?> Unbind(IReadOnlyDictionary<string, string> now, List<string> notes)
    {
        if (Before() is not { } before)
        {
            return [];
        }

        notes.Add("no certificate is enabled for SMTP any more: main.cf says again what it said before");
        Dictionary<string, string?> back = new(StringComparer.Ordinal);
        foreach (string name in Parameters)
        {
            string? earlier = before.Parameters.GetValueOrDefault(name);
            if (IsOurs(name, now, before))
            {
                back[name] = earlier?.Contains(ServicesFolder, StringComparison.Ordinal) == true ? null : earlier;
            }
            else if (now.GetValueOrDefault(name) != earlier)
            {
                notes.Add($"{name} is not what Postern set: main.cf was changed meanwhile, and it stays ({now.GetValueOrDefault(name) ?? "not set"})");
            }
        }

        return back;
    }

    /// <summary>Keys, then before.json: as long as it is there, the next one who unbinds goes on here.</summary>
    private async Task<IReadOnlyList<string>> DeleteAllAsync(CancellationToken cancellationToken)
    {
        if (await _parameters.IsNamedAsync(folder + "/", cancellationToken).ConfigureAwait(false))
        {
            return [$"main.cf or master.cf still names files in {folder}: they stay, keys included. Take that out, then run the command again"];
        }

        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file != BeforeFile).ToArray())
        {
            File.Delete(file);
        }

        File.Delete(BeforeFile);
        return [];
    }

    private async Task SetAsync(Dictionary<string, string?> wanted, Dictionary<string, string?> back, CancellationToken cancellationToken)
    {
        try
        {
            await _parameters.SetAsync(wanted, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Some may have been set.
            await _parameters.SetAsync(back, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private PostfixBefore? Before() => File.Exists(BeforeFile) ? JsonSerializer.Deserialize(PrivateFile.Read(BeforeFile), PostfixJson.Default.PostfixBefore) : null;

    private async Task CheckVersionAsync(CancellationToken cancellationToken)
    {
        string text = await _parameters.ValueAsync("mail_version", cancellationToken).ConfigureAwait(false);
        if (text.Split('.', '-') is [var major, var minor, ..] && int.TryParse(major, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(minor, CultureInfo.InvariantCulture, out int second) && new Version(first, second) < LeastVersion)
        {
            throw new ServiceException("unsupported", $"this is Postfix {text}; certificates by name came with {LeastVersion}", "upgrade Postfix");
        }
    }

    /// <returns>The map; null: one certificate for all.</returns>
    private async Task<string?> WriteNamesAsync(ServiceFiles files, ServiceBinding binding, CancellationToken cancellationToken)
    {
        HashSet<string> wanted = [.. binding.Names.Values.Select(FileOf)];
        bool isStale = false;
        foreach (StoredCertificate certificate in binding.Names.Values.DistinctBy(certificate => certificate.Sha256))
        {
            isStale |= WriteKeyAndChain(files, FileOf(certificate), certificate);
        }

        foreach (string file in (Directory.Exists(NamesFolder) ? Directory.GetFiles(NamesFolder) : []).Where(file => !wanted.Contains(file)))
        {
            files.Delete(file);
        }

        if (binding.Names.Count == 0)
        {
            return null;
        }

        // tls_server_sni_maps(5): a name, or its parent domain with a dot in front.
        string source = string.Concat(binding.Names.OrderBy(name => name.Key, StringComparer.Ordinal).Select(name => $"{name.Key.TrimStart('*')} {FileOf(name.Value)}\n"));
        isStale |= files.WritePrivate(SniSource, Encoding.ASCII.GetBytes(source));
        (string type, string ending) = await MapTypeAsync(cancellationToken).ConfigureAwait(false);
        string map = SniSource + ending;
        if (isStale || !File.Exists(map))
        {
            await BuildMapAsync(files, type, ending, map, source, cancellationToken).ConfigureAwait(false);
        }

        return $"{type}:{SniSource}";

        string FileOf(StoredCertificate certificate) => Path.Combine(NamesFolder, certificate.Sha256 + ".pem");
    }

    /// <summary>Beside the map in use, which running processes have open; then in its place by one rename.</summary>
    private async Task BuildMapAsync(ServiceFiles files, string type, string ending, string map, string source, CancellationToken cancellationToken)
    {
        string next = SniSource + ".new";
        File.Delete(next + ending);
        PrivateFile.Replace(next, Encoding.ASCII.GetBytes(source));
        try
        {
            await _parameters.RunAsync(settings.Postfix.Postmap, ["-F", $"{type}:{next}"], cancellationToken).ConfigureAwait(false);
            files.Adopt(next + ending, map);
        }
        finally
        {
            File.Delete(next);
            File.Delete(next + ending);
        }
    }

    private async Task<(string Type, string Ending)> MapTypeAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> there = await _parameters.MapTypesAsync(cancellationToken).ConfigureAwait(false);
        string usual = await _parameters.ValueAsync("default_database_type", cancellationToken).ConfigureAwait(false);
        (string Type, string Ending) found = MapTypes.OrderByDescending(one => one.Type == usual).FirstOrDefault(one => there.Contains(one.Type));
        return found.Type is null
            ? throw new ServiceException("unsupported", $"this Postfix has none of the maps {string.Join(", ", MapTypes.Select(one => one.Type))}, so it cannot tell certificates apart by name", "install postfix-lmdb, or enable one certificate for SMTP only")
            : found;
    }

    private static bool WriteKeyAndChain(ServiceFiles files, string path, StoredCertificate certificate)
    {
        byte[] content = ServedPem.KeyAndChain(certificate);
        try
        {
            return files.WritePrivate(path, content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
