using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>Files of certificates, as people are told about them.</summary>
public static class CertificateInspectionText
{
    public static void File(TextWriter output, CertificateInspection found)
    {
        output.WriteLine($"{found.File}: {found.Format}");
        if (found.Protection is { } protection)
        {
            output.WriteLine(protection.Mac is null ? "  MAC          none: nothing tells a change of the file" : $"  MAC          {protection.Mac}, {protection.MacIterations} iterations");
            foreach (string encryption in protection.Encryption.Distinct())
            {
                output.WriteLine($"  encryption   {encryption}");
            }
        }

        foreach (InspectedCertificate one in found.Certificates)
        {
            output.WriteLine();
            output.WriteLine($"certificate    {one.Thumbprint}{(one.HasPrivateKey ? " (with its private key)" : "")}");
            Line(output, "SHA-256", one.Sha256);
            Line(output, "subject", one.Subject);
            Line(output, "issuer", one.IsSelfSigned ? "itself" : one.Issuer);
            Line(output, "names", string.Join(", ", one.CertificateDomains));
            Line(output, "valid", $"{one.NotBefore:u} to {one.NotAfter:u}");
            Line(output, "key", $"{one.KeyAlgorithm} {one.PublicKeySize}, signed with {one.SignatureAlgorithm}");
            Line(output, "friendly", one.FriendlyName ?? "");
        }

        foreach (InspectedKey one in found.Keys)
        {
            output.WriteLine();
            output.WriteLine($"private key    {one.Algorithm} {one.Size} of {one.Thumbprint ?? "no certificate in this file"}");
            Line(output, "encryption", one.Encryption ?? "none of its own");
            Line(output, "provider", one.Provider is null ? "not named" : $"{one.Provider} ({one.Interface})");
            Line(output, "KeySpec", one.KeySpec?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "");
            Line(output, "machine key", one.IsMachineKey ? "yes" : "");
            Line(output, "EdgeSync", $"{one.EdgeSync.Use}: {one.EdgeSync.Reason}");
            if (one.EdgeSync is { Use: "refused", CanConvert: true })
            {
                Line(output, "mend", $"postern certificate convert {found.File} NEW.pfx --provider capi");
            }
        }

        foreach (InspectedRequest one in found.Requests)
        {
            output.WriteLine();
            output.WriteLine($"request        {one.Sha256} (SHA-256)");
            Line(output, "subject", one.Subject);
            Line(output, "names", string.Join(", ", one.CertificateDomains));
            Line(output, "key", $"{one.KeyAlgorithm} {one.PublicKeySize}");
        }

        Notes(output, found.Notes);
    }

    public static void Certutil(TextWriter output, CertutilInspection found)
    {
        TextTable table = new("NO", "THUMBPRINT", "KEY", "TYPE", "KEYSPEC", "EDGESYNC", "PROVIDER", "SUBJECT");
        foreach (CertutilEntry one in found.Certificates)
        {
            string type = one.ProviderType is { } number ? one.ProviderTypeName is { } name ? $"{number} {name}" : $"{number}" : "";
            table.Row($"{one.Number}", one.Thumbprint, one.EdgeSync.Use == "noKey" ? "" : one.Interface, type, $"{one.KeySpec}", one.EdgeSync.Use, one.Provider, one.Subject);
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine(found.CngThumbprints.Count == 0 ? "No key belongs to CNG." : $"{found.CngThumbprints.Count} with a key in CNG. EdgeSync refuses these as default certificate (event 1035):");
        foreach (string thumbprint in found.CngThumbprints)
        {
            output.WriteLine($"  {thumbprint}");
        }

        if (found.CngThumbprints.Count > 0)
        {
            output.WriteLine("Export one with its key from Windows, then: postern certificate convert IN.pfx OUT.pfx --provider capi");
        }

        Notes(output, found.Notes);
    }

    public static void Converted(TextWriter output, CertificateConverted done)
    {
        output.WriteLine($"written: {done.File}");
        output.WriteLine($"the same certificate, {done.Thumbprint} ({done.Subject}); Windows will put its key into {done.Provider}.");
        Notes(output, done.Notes);
        output.WriteLine();
        output.WriteLine("On Windows, in this order:");
        for (int i = 0; i < done.Steps.Count; i++)
        {
            output.WriteLine($"  {i + 1}. {done.Steps[i]}");
        }
    }

    private static void Notes(TextWriter output, IReadOnlyList<string> notes)
    {
        foreach (string note in notes)
        {
            output.WriteLine($"note: {note}");
        }
    }

    private static void Line(TextWriter output, string name, string value)
    {
        if (value.Length > 0)
        {
            output.WriteLine($"  {name,-13}{value}");
        }
    }
}
