using System.Text.Json;
using Postern.EdgeSync.Settings;

namespace Postern.Quickstart;

/// <summary>Writes the hub.json of a quickstart, so that its folder can be run by hand afterwards.</summary>
internal static class HubSettingsFile
{
    public static void Write(string path, string site, SourceSettings source)
    {
        using FileStream file = File.Create(path);
        using Utf8JsonWriter json = new(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("site", site);
        json.WriteStartArray("sources");
        json.WriteStartObject();
        json.WriteString("name", source.Name);
        if (source.Type == SourceType.Ldif)
        {
            json.WriteString("type", "ldif");
            json.WriteString("path", source.Path);
        }
        else
        {
            json.WriteString("type", "ldap");
            json.WriteStartArray("urls");
            foreach (string url in source.Urls)
            {
                json.WriteStringValue(url);
            }

            json.WriteEndArray();
            json.WriteString("baseDn", source.BaseDn);
            if (source.BindDn is not null)
            {
                json.WriteString("bindDn", source.BindDn);
            }

            if (source.PasswordFile is not null)
            {
                json.WriteString("passwordFile", source.PasswordFile);
            }
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
