using System.Text.Json.Nodes;
using Postern.Mail;

namespace Postern.Output;

/// <summary>How the mail configuration looks to people.</summary>
internal static class ConfigurationTables
{
    /// <summary>Characters of base64 shown; --output json has them all.</summary>
    private const int ShownOctets = 32;

    public static void List(TextWriter output, ConfigurationClass kind, IReadOnlyList<JsonObject> objects)
    {
        if (objects.Count == 0)
        {
            output.WriteLine($"no {kind.Noun}s");
            return;
        }

        ConfigurationField[] columns = [.. kind.Fields.Where(field => field.Column)];
        bool onEdge = objects.Any(one => one.ContainsKey("origin"));
        bool faulty = objects.Any(one => one.ContainsKey("fault"));
        TextTable table = new(["NAME", .. columns.Select(field => Words(field).ToUpperInvariant()), .. onEdge ? ["ORIGIN"] : Array.Empty<string>(), .. faulty ? ["FAULT"] : Array.Empty<string>()]);
        foreach (JsonObject one in objects)
        {
            table.Row([Text(one["name"]), .. columns.Select(field => Text(one[field.Name])), .. Extra(Text(one["origin"]), onEdge), .. Extra(Text(one["fault"]), faulty)]);
        }

        table.Write(output);
    }

    public static void Show(TextWriter output, ConfigurationClass kind, JsonObject one) => Tables.Fields(
        output,
        [
            .. kind.OnlyName is null ? [("name", Text(one["name"]))] : Array.Empty<(string, string?)>(),
            .. kind.Fields.Select(field => (Words(field), Shorten(field, Text(one[field.Name]) ?? "-"))),
            ("origin", Text(one["origin"])),
            ("fault", Text(one["fault"])),
        ]);

    private static string?[] Extra(string? cell, bool wanted) => wanted ? [cell] : [];

    private static string? Shorten(ConfigurationField field, string text) =>
        field.Shape == FieldShape.Octets && text.Length > ShownOctets ? text[..ShownOctets] + "..." : text;

    private static string? Text(JsonNode? node) => node switch
    {
        null => null,
        JsonArray { Count: 0 } => null,
        JsonArray array => string.Join(", ", array.Select(value => value!.ToString())),
        _ => node.ToString(),
    };

    /// <summary><c>addressSpaces</c> is "address spaces".</summary>
    private static string Words(ConfigurationField field) =>
        string.Concat(field.Name.Select((letter, i) => char.IsUpper(letter) && i > 0 ? $" {char.ToLowerInvariant(letter)}" : letter.ToString()));
}
