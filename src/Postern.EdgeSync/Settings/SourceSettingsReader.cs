using System.Text.Json;
using Postern.EdgeSync.Filters;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Settings;

/// <summary>Reads one of <c>sources</c>.</summary>
internal static class SourceSettingsReader
{
    /// <summary>Entries per page: above that, no server gains anything.</summary>
    private const int MostPageSize = 100_000;

    /// <summary>The name of a source is stored with every entry of it. Characters.</summary>
    private const int MostNameLength = 64;

    /// <summary>Servers of one source.</summary>
    private const int MostUrls = 32;

    private static readonly TimeSpan LeastPoll = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MostPoll = TimeSpan.FromDays(7);

    private static readonly TimeSpan LeastCompare = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MostCompare = TimeSpan.FromDays(365);

    private static readonly TimeSpan MostFailoverDelay = TimeSpan.FromDays(1);

    private static readonly string[] ActiveDirectoryOnly = ["domain", "failoverDelay"];

    private static readonly string[] LdapOnly = ["urls", "baseDn", "bindDn", "passwordFile", "caFile", "startTls", "pageSize"];

    public static SourceSettings Read(JsonObjectReader reader, string folder)
    {
        SourceType? type = ReadType(reader);
        bool ldif = type == SourceType.Ldif;
        bool ldap = type is not null && !ldif;
        string name = reader.String("name", required: true) ?? "";
        if (name.Length > MostNameLength)
        {
            reader.Fault("name", $"{name.Length} characters; at most {MostNameLength} are allowed");
        }

        RecipientPreset preset = ReadPreset(reader, type ?? SourceType.Ldap);
        SourceSettings source = new()
        {
            Name = name,
            Type = type ?? SourceType.Ldap,
            Urls = ReadTexts(reader, "urls", required: ldap && !reader.Has("domain")),
            Domain = reader.String("domain"),
            FailoverDelay = reader.Duration("failoverDelay", TimeSpan.Zero, TimeSpan.Zero, MostFailoverDelay),
            BaseDn = reader.String("baseDn", required: ldap),
            ExcludedSubtrees = ReadTexts(reader, "excludedSubtrees", required: false),
            BindDn = reader.String("bindDn"),
            PasswordFile = ReadFile(reader, "passwordFile", folder, required: false),
            Preset = preset,
            Filter = reader.String("filter") ?? preset.Filter,
            Map = RecipientMapReader.Read(reader, preset.Map),
            IdAttribute = reader.String("idAttribute"),
            CaFile = ReadFile(reader, "caFile", folder, required: false),
            StartTls = reader.Boolean("startTls", false),
            PageSize = reader.Integer("pageSize", SourceSettings.DefaultPageSize, 1, MostPageSize),
            PollInterval = reader.Has("pollInterval") ? reader.Duration("pollInterval", LeastPoll, LeastPoll, MostPoll) : null,
            FullCompareInterval = reader.Duration("fullCompareInterval", TimeSpan.FromDays(1), LeastCompare, MostCompare),
            Path = ReadFile(reader, "path", folder, required: ldif),
        };
        reader.NoteUnknown();
        Check(reader, source);
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

    private static void Check(JsonObjectReader reader, SourceSettings source)
    {
        CheckAccess(reader, source);
        foreach (string excluded in source.ExcludedSubtrees)
        {
            CheckDn(reader, "excludedSubtrees", excluded);
        }

        try
        {
            // A server decides about its own filter; about a file's, the hub does.
            Filter? undecidable = EntryFilter.Undecidable(Filter.Parse(source.Filter));
            if (undecidable is not null && source.Type == SourceType.Ldif)
            {
                reader.Fault("filter", EntryFilter.ExplainUndecidable(undecidable));
            }
        }
        catch (FormatException e)
        {
            reader.Fault("filter", e.Message);
        }

        if (source.IdAttribute is not null && !AttributeDescription.IsValid(source.IdAttribute))
        {
            reader.Fault("idAttribute", $"\"{source.IdAttribute}\" is not the name of an attribute");
        }
    }

    /// <summary>Where it is and who reads it.</summary>
    internal static void CheckAccess(JsonObjectReader reader, SourceSettings source)
    {
        CheckDn(reader, "baseDn", source.BaseDn);
        if (source.Type != SourceType.ActiveDirectory || source.BindDn?.IndexOfAny(['@', '\\']) is null or < 0 || source.BindDn.Contains('='))
        {
            CheckDn(reader, "bindDn", source.BindDn);
        }

        if (source.BindDn is not null && !reader.Has("passwordFile"))
        {
            reader.Fault("passwordFile", "missing: bindDn needs a password");
        }

        if (source.BindDn is null && reader.Has("passwordFile") && !reader.Has("bindDn"))
        {
            reader.Fault("bindDn", "missing: passwordFile is of no use without it");
        }

        foreach (string key in ActiveDirectoryOnly.Where(key => source.Type != SourceType.ActiveDirectory && reader.Has(key)))
        {
            reader.Fault(key, "only for a source of type activeDirectory");
        }

        if (source.Domain is not null && source.Urls.Count > 0)
        {
            reader.Fault("domain", "urls says already where the domain controllers are; use either");
        }

        CheckEndpoints(reader, source);
    }

    private static void CheckEndpoints(JsonObjectReader reader, SourceSettings source)
    {
        if (source.Urls.Count > MostUrls)
        {
            reader.Fault("urls", $"{source.Urls.Count} servers; at most {MostUrls} are allowed");
        }

        List<LdapEndpoint> endpoints = [];
        foreach (string url in source.Urls)
        {
            if (LdapEndpoint.TryParse(url, out LdapEndpoint? endpoint, out string? error))
            {
                endpoints.Add(endpoint);
            }
            else
            {
                reader.Fault("urls", error);
            }
        }

        if (source.StartTls && endpoints.Exists(endpoint => endpoint.Ldaps))
        {
            reader.Fault("startTls", "an ldaps:// connection is secure from the start; use either");
        }

        if (source.CaFile is not null && endpoints.Exists(endpoint => !endpoint.Ldaps) && !source.StartTls)
        {
            reader.Fault("caFile", "of no use without TLS: use ldaps:// urls or startTls");
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

    private static RecipientPreset ReadPreset(JsonObjectReader reader, SourceType type)
    {
        if (reader.String("preset") is not { } text)
        {
            return RecipientPreset.DefaultOf(type);
        }

        RecipientPreset? preset = RecipientPreset.Find(text);
        if (preset is null)
        {
            reader.Fault("preset", $"\"{text}\" is no preset; {string.Join(", ", RecipientPreset.All)} are");
        }

        return preset ?? RecipientPreset.DefaultOf(type);
    }

    internal static IReadOnlyList<string> ReadTexts(JsonObjectReader reader, string key, bool required)
    {
        IReadOnlyList<JsonValue> items = reader.Array(key, required) ?? [];
        foreach (JsonValue item in items.Where(item => item.Type != JsonTokenType.String))
        {
            reader.Fault(key, $"a list of texts is expected, not {JsonObjectReader.Describe(item)}");
        }

        return [.. items.Where(item => item.Type == JsonTokenType.String).Select(item => item.Text)];
    }

    internal static string? ReadFile(JsonObjectReader reader, string key, string folder, bool required)
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
}
