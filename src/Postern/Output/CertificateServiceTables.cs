using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>How bindings of certificates look to people.</summary>
public static class CertificateServiceTables
{
    public static void Bound(TextWriter output, CertificateBound bound)
    {
        foreach (ProgramView program in bound.Programs)
        {
            output.WriteLine($"{program.Program}: {program.State}");
            foreach (string step in program.Steps)
            {
                output.WriteLine($"  {step}");
            }
        }

        output.WriteLine(bound.Services.Count == 0
            ? $"{bound.Thumbprint} ({bound.Subject}) is bound to nothing."
            : $"{bound.Thumbprint} ({bound.Subject}) is bound to {string.Join(", ", bound.Services)}{(bound.IsDefaultSmtp ? "; it is the default for SMTP" : "")}.");
        if (bound.PreviousDefault is { } previous)
        {
            output.WriteLine($"The default for SMTP was {previous}.");
        }

        foreach (string connector in bound.Connectors)
        {
            output.WriteLine(connector);
        }

        foreach (string warning in bound.Warnings)
        {
            output.WriteLine($"warning: {warning}");
        }
    }
}
