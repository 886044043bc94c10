using Postern.Operations.Hubs;

namespace Postern.Output;

/// <summary>How the hubs of an organization look to people.</summary>
public static class HubTables
{
    public static void Hubs(TextWriter output, IReadOnlyList<HubView> list)
    {
        TextTable table = new("NAME", "FQDN", "SITE", "VERSION", "EDGES");
        foreach (HubView one in list)
        {
            table.Row(one.IsThis ? $"{one.Name} (this)" : one.Name, one.Fqdn, one.Site, one.Version, string.Join(", ", one.Edges));
        }

        table.Write(output);
    }
}
