using System.Text.Json;
using Postern.EdgeSync.Rotation;

namespace Postern.EdgeSync.Settings;

/// <summary>Reads hub.json and lists everything that is wrong with it at once: unknown keys, missing files, bad values, each with line and key.</summary>
public static class HubSettingsReader
{
    /// <summary>Octets; a settings file that is larger is something else.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MostInterval = TimeSpan.FromDays(7);

    private static readonly TimeSpan LeastCookieDuration = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MostCookieDuration = TimeSpan.FromDays(365);

    /// <exception cref="HubSettingsException">With all faults.</exception>
    public static HubSettings Read(string path)
    {
        byte[] content;
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                throw Single(path, $"the file has {stream.Length} octets; at most {MaxBytes} are read");
            }

            content = new byte[stream.Length];
            stream.ReadExactly(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Single(path, $"the file cannot be read: {e.Message}");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Parse(content, path, folder);
    }

    /// <summary>The same from octets. Relative paths in it count from <paramref name="folder"/>.</summary>
    /// <exception cref="HubSettingsException">With all faults.</exception>
    public static HubSettings Parse(ReadOnlySpan<byte> content, string fileName, string folder)
    {
        List<SettingsFault> faults = [];
        JsonObjectReader root = new(JsonValue.Parse(content, fileName), "", faults);
        HubSettings defaults = new() { Site = "", Sources = [] };
        (DeleteGuardSettings recipients, DeleteGuardSettings configuration) = DeleteGuardReader.Read(root);
        HubSettings settings = new()
        {
            Site = root.String("site", required: true) ?? "",
            Sources = ReadSources(root, folder, faults),
            RecipientSyncInterval = root.Duration("recipientSyncInterval", defaults.RecipientSyncInterval, LeastInterval, MostInterval),
            ConfigurationSyncInterval = root.Duration("configurationSyncInterval", defaults.ConfigurationSyncInterval, LeastInterval, MostInterval),
            Organization = OrganizationSettingsReader.Read(root, folder),
            TopologyInterval = root.Duration("topologyInterval", defaults.TopologyInterval, LeastInterval, MostInterval),
            Lease = LeaseSettingsReader.Read(root),
            Credentials = CredentialSettingsReader.Read(root),
            Certificates = new CertificateTimetable
            {
                Lifetime = root.Duration("certificateLifetime", new CertificateTimetable().Lifetime, CertificateTimetable.ShortestLifetime, CertificateTimetable.LongestLifetime),
            },
            Log = LogSettingsReader.Read(root, faults),
            CookieValidDuration = root.Duration("cookieValidDuration", defaults.CookieValidDuration, LeastCookieDuration, MostCookieDuration),
            RecipientDeleteGuard = recipients,
            ConfigurationDeleteGuard = configuration,
        };
        root.NoteUnknown();
        return faults.Count == 0 ? settings : throw new HubSettingsException(fileName, [.. faults.OrderBy(fault => fault.Line)]);
    }

    private static List<SourceSettings> ReadSources(JsonObjectReader root, string folder, List<SettingsFault> faults)
    {
        List<SourceSettings> sources = [];
        IReadOnlyList<JsonValue> items = root.Array("sources", required: true) ?? [];
        for (int i = 0; i < items.Count; i++)
        {
            JsonObjectReader reader = new(items[i], $"sources[{i}]", faults);
            if (items[i].Type != JsonTokenType.StartObject)
            {
                continue;
            }

            SourceSettings source = SourceSettingsReader.Read(reader, folder);
            if (sources.Any(other => string.Equals(other.Name, source.Name, StringComparison.OrdinalIgnoreCase)) && source.Name.Length > 0)
            {
                reader.Fault("name", $"two sources are called \"{source.Name}\"");
            }

            sources.Add(source);
        }

        return sources;
    }

    private static HubSettingsException Single(string path, string message) => new(path, [new SettingsFault(0, "file", message)]);
}
