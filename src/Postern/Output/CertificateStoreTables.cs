using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>How the certificates of a node's store look to people.</summary>
public static class CertificateStoreTables
{
    public static void List(TextWriter output, CertificateList list)
    {
        TextTable table = new("THUMBPRINT", "SERVICES", "STATUS", "GOOD UNTIL", "SUBJECT", "NAMES");
        foreach (CertificateDetail one in list.Certificates)
        {
            table.Row(one.Thumbprint, one.ServicesMask, one.Status + (one.Slot is { } slot ? $" ({slot})" : ""), $"{one.NotAfter:u}", one.Subject, string.Join(", ", one.CertificateDomains));
        }

        table.Write(output);
        foreach (string damaged in list.Damaged)
        {
            output.WriteLine($"damaged: {damaged}");
        }
    }

    /// <summary>One field a line, by the names that an Exchange administrator knows.</summary>
    public static void Show(TextWriter output, CertificateDetail one)
    {
        Line(output, "thumbprint", one.Thumbprint);
        Line(output, "sha256", one.Sha256);
        Line(output, "services", one.Services.Count > 0 ? string.Join(", ", one.Services) + (one.IsDefaultSmtp ? " (default for SMTP)" : "") : "none");
        Line(output, "status", one.StatusReason is null ? one.Status : $"{one.Status}: {one.StatusReason}");
        Line(output, "subject", one.Subject);
        Line(output, "issuer", one.Issuer);
        Line(output, "certificateDomains", string.Join(", ", one.CertificateDomains));
        Line(output, "notBefore", $"{one.NotBefore:u}");
        Line(output, "notAfter", $"{one.NotAfter:u}");
        Line(output, "serialNumber", one.SerialNumber ?? "");
        Line(output, "key", $"{one.KeyAlgorithm} {one.PublicKeySize} bits");
        Line(output, "signatureAlgorithm", one.SignatureAlgorithm ?? "");
        Line(output, "hasPrivateKey", one.HasPrivateKey ? one.PrivateKeyExportable ? "yes, exportable" : "yes" : "no");
        Line(output, "accessRules", string.Join(", ", one.AccessRules));
        Line(output, "isSelfSigned", one.IsSelfSigned ? "yes" : "no");
        Line(output, "rootCAType", one.RootCAType);
        Line(output, "friendlyName", one.FriendlyName ?? "");
        Line(output, "origin", one.Origin ?? (one.Slot is null ? "" : $"the node's own, {one.Slot}"));
        Line(output, "replaces", one.Replaces ?? "");
        foreach (string issuer in one.Chain)
        {
            Line(output, "chain", issuer);
        }
    }

    public static void Requested(TextWriter output, CertificateRequested made)
    {
        if (made.File is null)
        {
            output.Write(made.Pem);
        }
        else
        {
            output.WriteLine($"written: {made.File}");
        }

        output.WriteLine($"request {made.Request.Thumbprint} ({made.Request.Subject}) waits here with its key: import what the authority makes of it with `postern certificate import FILE`.");
    }

    public static void Renewed(TextWriter output, CertificateRenewed done)
    {
        if (done.Requested is { } request)
        {
            Requested(output, request);
            output.WriteLine($"Its certificate takes the place of {done.Replaced}.");
        }
        else
        {
            Show(output, done.Certificate!);
            output.WriteLine($"It takes the place of {done.Replaced}.");
            Bound(output, done.Bound);
        }
    }

    public static void Imported(TextWriter output, CertificateImported done)
    {
        Show(output, done.Certificate);
        foreach (string note in done.Notes)
        {
            output.WriteLine($"note: {note}");
        }

        Bound(output, done.Bound);
    }

    public static void Exported(TextWriter output, CertificateExported done)
    {
        if (done.File is null)
        {
            output.Write(done.Pem);
        }
        else
        {
            output.WriteLine($"written: {done.File} ({done.Format}, {(done.HasKey ? "with its key" : "without key")})");
        }
    }

    public static void Removed(TextWriter output, CertificateRemoved removed) => output.WriteLine($"removed: {removed.Thumbprint} ({removed.Subject})");

    private static void Bound(TextWriter output, CertificateBound? bound)
    {
        if (bound is not null)
        {
            output.WriteLine();
            CertificateServiceTables.Bound(output, bound);
        }
    }

    private static void Line(TextWriter output, string name, string value)
    {
        if (value.Length > 0)
        {
            output.WriteLine($"{name,-20}{PlainTextWriter.OneLine(value)}");
        }
    }
}
