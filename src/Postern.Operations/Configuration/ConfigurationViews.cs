using System.Globalization;
using System.Text.Json.Nodes;
using Postern.EdgeSync.Configuration;
using Postern.Mail;

namespace Postern.Operations.Configuration;

/// <summary>Objects of the configuration as results show them: a member per field, defaults included, unset ones left out.</summary>
internal static class ConfigurationViews
{
    public static JsonObject View(ConfigurationClass kind, ConfigurationItem item, bool onEdge)
    {
        JsonObject view = new() { ["name"] = item.Name };
        if (item.Object is { } one)
        {
            foreach (ConfigurationField field in kind.Fields)
            {
                if (Node(field, field.Show(one)) is { } node)
                {
                    view[field.Name] = node;
                }
            }
        }
        else
        {
            view["fault"] = item.Fault;
        }

        if (onEdge)
        {
            view["origin"] = item.Source is null ? "local" : "edgeSync";
        }

        return view;
    }

    private static JsonNode? Node(ConfigurationField field, IReadOnlyList<string> texts) => field.Shape switch
    {
        FieldShape.List => new JsonArray([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]),
        _ when texts.Count == 0 => null,
        FieldShape.Switch => JsonValue.Create(texts[0] == "true"),
        FieldShape.Number => JsonValue.Create(long.Parse(texts[0], CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(texts[0]),
    };
}
