using System.Text.Json.Serialization;

namespace Postern.Transport.Services;

/// <summary>Parameters of main.cf, read and set by postconf(1), which replaces the file in one step.</summary>
internal sealed class PostfixParameters(PostfixSettings settings, TimeProvider time, TimeSpan patience)
{
    /// <summary>As they stand in main.cf, without what is only a default.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SetOnesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        string text = await RunAsync(settings.Postconf, ["-n", .. names], cancellationToken).ConfigureAwait(false);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim(), StringComparer.Ordinal);
    }

    /// <summary>As Postfix sees it, defaults included.</summary>
    public async Task<string> ValueAsync(string name, CancellationToken cancellationToken) =>
        (await RunAsync(settings.Postconf, ["-hx", name], cancellationToken).ConfigureAwait(false)).Trim();

    /// <summary>Types of maps that this Postfix has.</summary>
    public async Task<IReadOnlyList<string>> MapTypesAsync(CancellationToken cancellationToken) =>
        (await RunAsync(settings.Postconf, ["-m"], cancellationToken).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether any parameter of main.cf, or a service of master.cf, has this text in it.</summary>
    public async Task<bool> IsNamedAsync(string text, CancellationToken cancellationToken) =>
        (await RunAsync(settings.Postconf, ["-n"], cancellationToken).ConfigureAwait(false)).Contains(text, StringComparison.Ordinal)
        || (await RunAsync(settings.Postconf, ["-P"], cancellationToken).ConfigureAwait(false)).Contains(text, StringComparison.Ordinal);

    /// <param name="values">Null: it is taken out of main.cf.</param>
    public async Task SetAsync(IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        string[] set = [.. values.Where(one => one.Value is not null).Select(one => $"{one.Key} = {one.Value}")];
        string[] gone = [.. values.Where(one => one.Value is null).Select(one => one.Key)];
        if (set.Length > 0)
        {
            await RunAsync(settings.Postconf, ["-e", .. set], cancellationToken).ConfigureAwait(false);
        }

        if (gone.Length > 0)
        {
            await RunAsync(settings.Postconf, ["-X", .. gone], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>What the program wrote.</returns>
    /// <exception cref="ServiceException">It failed.</exception>
    public async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string code = "command")
    {
        ServiceCommandResult result = await ServiceCommand.RunAsync(program, ["-c", settings.Folder, .. arguments], patience, time, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new ServiceException(code, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {result.Words}",
                code == "reload" ? "is Postfix running? `postfix start`; its log says more" : "mend what it names; the mail log says more");
    }
}

/// <summary>What main.cf said before Postern came: it comes back when no certificate is enabled for SMTP any more.</summary>
/// <param name="IsTurnedOn">Postern set smtpd_tls_security_level.</param>
internal sealed record PostfixBefore(IReadOnlyDictionary<string, string> Parameters, bool IsTurnedOn = false);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PostfixBefore))]
internal sealed partial class PostfixJson : JsonSerializerContext;
