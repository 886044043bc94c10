using System.Text.Json;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Settings;

/// <summary>Reads hub.json and lists everything that is wrong with it at once: unknown keys, missing files, bad values, each with line and key.</summary>
public static class HubSettingsReader
{
    /// <summary>Octets; a settings file that is larger is something else.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MostInterval = TimeSpan.FromDays(7);

    /// <summary>Entries per page: above that, no server gains anything.</summary>
    private const int MostPageSize = 100_000;

    private const int MostMinimum = 1_000_000_000;

    /// <summary>The name of a source is stored with every entry of it. Characters.</summary>
    private const int MostNameLength = 64;

    private static readonly string[] LdapOnly =
        ["url", "baseDn", "bindDn", "passwordFile", "filter", "caFile", "startTls", "pageSize"];

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
        HubSettings settings = new()
        {
            Site = root.String("site", required: true) ?? "",
            Sources = ReadSources(root, folder, faults),
            RecipientSyncInterval = root.Duration("recipientSyncInterval", defaults.RecipientSyncInterval, LeastInterval, MostInterval),
            ConfigurationSyncInterval = root.Duration("configurationSyncInterval", defaults.ConfigurationSyncInterval, LeastInterval, MostInterval),
            DeleteGuardShare = root.Number("deleteGuardShare", defaults.DeleteGuardShare, 0, 1),
            DeleteGuardMinimum = root.Integer("deleteGuardMinimum", defaults.DeleteGuardMinimum, 0, MostMinimum),
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

            SourceSettings source = ReadSource(reader, folder);
            if (sources.Any(other => string.Equals(other.Name, source.Name, StringComparison.OrdinalIgnoreCase)) && source.Name.Length > 0)
            {
                reader.Fault("name", $"two sources are called \"{source.Name}\"");
            }

            sources.Add(source);
        }

        return sources;
    }

    private static SourceSettings ReadSource(JsonObjectReader reader, string folder)
    {
        SourceType? type = ReadType(reader);
        bool ldif = type == SourceType.Ldif;
        bool ldap = type is not null && !ldif;
        string name = reader.String("name", required: true) ?? "";
        if (name.Length > MostNameLength)
        {
            reader.Fault("name", $"{name.Length} characters; at most {MostNameLength} are allowed");
        }

        SourceSettings source = new()
        {
            Name = name,
            Type = type ?? SourceType.Ldap,
            Url = reader.String("url", required: ldap),
            BaseDn = reader.String("baseDn", required: ldap),
            BindDn = reader.String("bindDn"),
            PasswordFile = ReadFile(reader, "passwordFile", folder, required: false),
            Filter = reader.String("filter") ?? SourceSettings.DefaultFilter,
            AddressAttributes = ReadAttributes(reader),
            IdAttribute = reader.String("idAttribute"),
            CaFile = ReadFile(reader, "caFile", folder, required: false),
            StartTls = reader.Boolean("startTls", false),
            PageSize = reader.Integer("pageSize", SourceSettings.DefaultPageSize, 1, MostPageSize),
            Path = ReadFile(reader, "path", folder, required: ldif),
        };
        reader.NoteUnknown();
        CheckLdap(reader, source);
        if (ldif)
        {
            foreach (string key in LdapOnly.Where(reader.Has))
            {
                reader.Fault(key, "not for a source of type ldif");
            }
        }
        else if (ldap && reader.Has("path"))
        {
            reader.Fault("path", "only for a source of type ldif");
        }

        return source;
    }

    private static void CheckLdap(JsonObjectReader reader, SourceSettings source)
    {
        LdapEndpoint? endpoint = null;
        if (source.Url is not null && !LdapEndpoint.TryParse(source.Url, out endpoint, out string? error))
        {
            reader.Fault("url", error);
        }

        CheckDn(reader, "baseDn", source.BaseDn);
        CheckDn(reader, "bindDn", source.BindDn);
        try
        {
            Filter.Parse(source.Filter);
        }
        catch (FormatException e)
        {
            reader.Fault("filter", e.Message);
        }

        if (source.IdAttribute is not null && !AttributeDescription.IsValid(source.IdAttribute))
        {
            reader.Fault("idAttribute", $"\"{source.IdAttribute}\" is not the name of an attribute");
        }

        if (source.BindDn is not null && !reader.Has("passwordFile"))
        {
            reader.Fault("passwordFile", "missing: bindDn needs a password");
        }

        if (source.BindDn is null && reader.Has("passwordFile") && !reader.Has("bindDn"))
        {
            reader.Fault("bindDn", "missing: passwordFile is of no use without it");
        }

        if (source.StartTls && endpoint is { Ldaps: true })
        {
            reader.Fault("startTls", "an ldaps:// connection is secure from the start; use either");
        }

        if (source.CaFile is not null && endpoint is { Ldaps: false } && !source.StartTls)
        {
            reader.Fault("caFile", "of no use without TLS: use an ldaps:// url or startTls");
        }
    }

    private static void CheckDn(JsonObjectReader reader, string key, string? dn)
    {
        if (dn is not null && !DistinguishedName.TryParse(dn, out _, out string? error))
        {
            reader.Fault(key, $"\"{dn}\" is not a distinguished name: {error}");
        }
    }

    private static SourceType? ReadType(JsonObjectReader reader)
    {
        string? text = reader.String("type", required: true);
        SourceType? type = text switch
        {
            "openldap" => SourceType.OpenLdap,
            "activeDirectory" => SourceType.ActiveDirectory,
            "ldap" => SourceType.Ldap,
            "ldif" => SourceType.Ldif,
            _ => null,
        };
        if (type is null && text is not null)
        {
            reader.Fault("type", $"\"{text}\" is no type of source; openldap, activeDirectory, ldap and ldif are");
        }

        return type;
    }

    private static IReadOnlyList<string> ReadAttributes(JsonObjectReader reader)
    {
        if (reader.Array("addressAttributes") is not { } items)
        {
            return SourceSettings.DefaultAddressAttributes;
        }

        foreach (JsonValue item in items.Where(item => item.Type != JsonTokenType.String || !AttributeDescription.IsValid(item.Text)))
        {
            reader.Fault("addressAttributes", $"{JsonObjectReader.Describe(item)} is not the name of an attribute");
        }

        return [.. items.Select(item => item.Text).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static string? ReadFile(JsonObjectReader reader, string key, string folder, bool required)
    {
        if (reader.String(key, required) is not { } written)
        {
            return null;
        }

        string path = Path.GetFullPath(written, folder);
        if (!File.Exists(path))
        {
            reader.Fault(key, $"there is no file {path}");
        }

        return path;
    }

    private static HubSettingsException Single(string path, string message) => new(path, [new SettingsFault(0, "file", message)]);
}
