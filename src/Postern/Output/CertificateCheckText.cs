using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>What people read of <c>postern certificate check</c>.</summary>
internal static class CertificateCheckText
{
    public static void Examination(TextWriter output, CertificateExaminationView view)
    {
        output.WriteLine($"{view.Thumbprint}  {view.Subject}");
        output.WriteLine($"status:      {view.Status}{(view.Reason is { } reason ? $": {reason}" : "")}");
        output.WriteLine($"rootCAType:  {view.RootCAType}");
        foreach (CertificateLinkView link in view.Links)
        {
            output.WriteLine($"link:        {link.Subject}, {link.NotBeforeUtc:u} to {link.NotAfterUtc:u} ({link.Origin})");
        }

        Lines(output, "problem:     ", view.Problems);
        Lines(output, "note:        ", view.Notes);
        output.WriteLine($"watch:       {view.Level}{(view.Expiry is { } text ? $": {text}" : "")}");
    }

    public static void Selections(TextWriter output, CertificateSelectionList list)
    {
        foreach (CertificateSelectionView view in list.Selections)
        {
            output.WriteLine(view.Connector is null ? $"name {view.Wanted}" : $"{view.Kind} connector {view.Connector}");
            for (int step = 0; step < view.Steps.Count; step++)
            {
                output.WriteLine($"  {step + 1}. {view.Steps[step]}");
            }

            foreach (RejectedCertificateView one in view.Rejected)
            {
                output.WriteLine($"     not {one.Thumbprint} ({one.Subject}): it {one.Reason}");
            }

            output.WriteLine(view.Thumbprint is null ? "  shows: nothing" : $"  shows: {view.Thumbprint} ({view.Subject}), good until {view.NotAfterUtc:u}");
        }
    }

    public static void Watch(TextWriter output, CertificateWatchView view)
    {
        TextTable table = new("LEVEL", "NODE", "KIND", "SERVICES", "THUMBPRINT", "ENDS", "NAME", "WHY");
        foreach (WatchedCertificateView one in view.Certificates)
        {
            table.Row(one.Level, one.Node, one.Kind, string.Join(',', one.Services), one.Thumbprint, one.EndsUtc is { } end ? $"{end:u}" : null, one.Name, one.Text);
        }

        table.Write(output);
        Lines(output, "", view.Faults);
        output.WriteLine($"{view.Level}: {view.Summary}");
    }

    private static void Lines(TextWriter output, string label, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
        {
            output.WriteLine(label + line);
        }
    }
}
