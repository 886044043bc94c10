using System.Text.Json;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>Reads DATA/services.json.</summary>
public static class ServiceSettingsFile
{
    public const string Name = "services.json";

    /// <summary>Octets. Ours.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Of either number of seconds: an hour.</summary>
    public const int MaxSeconds = 3600;

    private const UnixFileMode Writable = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>The defaults when there is no such file.</summary>
    /// <exception cref="ServiceException">It cannot be read; or, when root reads it, somebody else could have written it: it names programs
    /// that are run.</exception>
    public static ServiceSettings Read(string dataFolder)
    {
        string path = Path.Combine(dataFolder, Name);
        FileInfo file = new(path);
        if (!file.Exists)
        {
            return new ServiceSettings();
        }

        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess && (!FileOwner.IsMine(path) || (File.GetUnixFileMode(path) & Writable) != UnixFileMode.None))
        {
            throw new ServiceException("settings", $"{path} names programs that root would run, but others than root can write it",
                $"look at what it says, then run: chown root '{path}' && chmod 644 '{path}'");
        }

        if (file.Length > MaxBytes)
        {
            throw new ServiceException("settings", $"{path} has {file.Length} octets; at most {MaxBytes} are read", "docs/services.md lists its keys");
        }

        try
        {
            ServiceSettings settings = JsonSerializer.Deserialize(File.ReadAllBytes(path), ServiceSettingsJson.Default.ServiceSettings) ?? throw new JsonException("it is null");
            Check("patienceSeconds", settings.PatienceSeconds, path);
            Check("commandSeconds", settings.CommandSeconds, path);
            CheckTexts(settings, path);
            return settings;
        }
        catch (JsonException e)
        {
            throw new ServiceException("settings", $"{path} cannot be read: {e.Message}", "docs/services.md lists its keys", e);
        }
    }

    /// <summary>What is written as null or as nothing would be a path, a program or an address.</summary>
    private static void CheckTexts(ServiceSettings settings, string path)
    {
        PostfixSettings? postfix = settings.Postfix;
        DovecotSettings? dovecot = settings.Dovecot;
        NginxSettings? nginx = settings.Nginx;
        (string Key, object? Value)[] parts =
        [
            ("postfix", postfix), ("dovecot", dovecot), ("nginx", nginx), ("https", settings.Https),
            ("postfix.folder", postfix?.Folder), ("postfix.postfix", postfix?.Postfix), ("postfix.postconf", postfix?.Postconf), ("postfix.postmap", postfix?.Postmap),
            ("postfix.probes", postfix?.Probes), ("dovecot.configuration", dovecot?.Configuration), ("dovecot.include", dovecot?.Include), ("dovecot.dovecot", dovecot?.Dovecot),
            ("dovecot.doveconf", dovecot?.Doveconf), ("dovecot.doveadm", dovecot?.Doveadm), ("dovecot.imapProbes", dovecot?.ImapProbes), ("dovecot.popProbes", dovecot?.PopProbes),
            ("nginx.configuration", nginx?.Configuration), ("nginx.snippets", nginx?.Snippets), ("nginx.sites", nginx?.Sites), ("nginx.nginx", nginx?.Nginx), ("nginx.probes", nginx?.Probes),
            ("https.probes", settings.Https?.Probes),
        ];
        foreach ((string key, object? value) in parts)
        {
            bool isEmpty = value switch
            {
                null => true,
                string text => string.IsNullOrWhiteSpace(text),
                IReadOnlyList<ProbeAddress> probes => probes.Any(one => string.IsNullOrWhiteSpace(one?.Address)),
                IReadOnlyList<string> texts => texts.Any(string.IsNullOrWhiteSpace),
                _ => false,
            };
            if (isEmpty)
            {
                throw new ServiceException("settings", $"{path}: {key} is empty", "leave the key out to have its default; docs/services.md lists the keys");
            }
        }
    }

    private static void Check(string key, int value, string path)
    {
        if (value is < 1 or > MaxSeconds)
        {
            throw new ServiceException("settings", $"{path}: {key} is {value}", $"give 1 to {MaxSeconds} seconds");
        }
    }
}
