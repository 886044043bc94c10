using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>How the certificates of a node look to people.</summary>
public static class CertificateTables
{
    public static void Show(TextWriter output, NodeCertificateView view)
    {
        TextTable table = new("SLOT", "SHA-256", "KEY", "GOOD UNTIL", "SUBJECT", "ISSUER");
        foreach (CertificateView one in view.Certificates)
        {
            table.Row(one.Slot, one.Sha256, one.Key, $"{one.NotAfterUtc:u}", one.Subject, one.Issuer == one.Subject ? "itself" : one.Issuer);
        }

        table.Write(output);
        output.WriteLine();
        if (view.RenewsUtc is { } renews)
        {
            output.WriteLine($"{view.Name} gets a successor at {renews:u}.");
        }
        else if (view.AnnouncedUtc is { } announced)
        {
            output.WriteLine($"The next one was announced at {announced:u}" + (view.WaitsFor.Count == 0 ? " and is taken with the next look." : " and waits for:"));
            foreach (WaitingPeerView one in view.WaitsFor)
            {
                output.WriteLine($"  {one.Peer}: {one.Reason}");
            }
        }
        else
        {
            output.WriteLine($"{view.Name} was issued by others and is not renewed unasked: `postern certificate renew --certificate FILE --key FILE`.");
        }
    }

    public static void Revoked(TextWriter output, CertificateRevoked done)
    {
        output.WriteLine($"revoked: {done.Revoked}");
        output.WriteLine($"in use:  {done.Current.Sha256} ({done.Current.Key}, good until {done.Current.NotAfterUtc:u})");
        if (done.Pairs.Count == 0)
        {
            output.WriteLine("No pair has to be mended.");
            return;
        }

        output.WriteLine();
        TextTable table = new("EDGE", "HUB", "STATE", "WHAT TO DO");
        foreach (BrokenPairView one in done.Pairs)
        {
            table.Row(one.Edge, one.Hub, one.State, one.Mend);
        }

        table.Write(output);
    }
}
