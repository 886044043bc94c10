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

    /// <summary>As a whole a file in PEM form: what stands before the certificate is for people.</summary>
    public static void Identity(TextWriter output, HubCertificateView one)
    {
        output.WriteLine($"hub {one.Name}, {one.KeyAlgorithm}, until {Tables.Time(one.NotAfterUtc)}");
        output.WriteLine($"SHA-256 {one.Sha256}");
        output.WriteLine(one.Pem);
    }
}
