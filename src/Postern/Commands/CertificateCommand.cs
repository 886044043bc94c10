using System.CommandLine;
using Postern.Control;
using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern certificate</c>: what a node proves itself with.</summary>
internal static class CertificateCommand
{
    private const string EitherSide = "data folder of an edge or a hub";

    /// <summary>Octets of a PEM file: a certificate, its issuers and a key have a few thousand. Ours.</summary>
    private const int MaxFileOctets = 256 * 1024;

    public static Command Build() =>
        new("certificate", "The certificate that a node proves itself with: Edge-Cert of an edge, TransportService-Cert of a hub.") { Show(), Renew(), Revoke() };

    private static Command Show()
    {
        Command command = new("show", "Shows the current, the next and the previous certificate, and what the next one waits for.");
        Option<string?> data = command.AddData(EitherSide);
        return command.Does(async context =>
        {
            NodeCertificateView view = await context.Daemon(data).SendAsync(
                ControlRoutes.CertificateShow, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.NodeCertificateView, context.Cancellation);
            context.Output.Result(view, PosternJson.Default.NodeCertificateView, CertificateTables.Show);
            return ExitCode.Done;
        });
    }

    private static Command Renew()
    {
        Command command = new("renew", "Announces a successor now; the node changes over to it when all its peers trust it. No session ends, nobody subscribes anew.");
        Func<VerbContext, ReplaceCertificate> request = AddReplacement(command);
        Option<string?> data = command.AddData(EitherSide);
        return command.Does(async context =>
        {
            NodeCertificateView view = await context.Daemon(data).SendAsync(
                ControlRoutes.CertificateRenew, request(context), PosternJson.Default.ReplaceCertificate, PosternJson.Default.NodeCertificateView, context.Cancellation);
            context.Output.Result(view, PosternJson.Default.NodeCertificateView, CertificateTables.Show);
            return ExitCode.Done;
        });
    }

    private static Command Revoke()
    {
        Command command = new("revoke", "The key may be known to others: takes a new certificate at once, ends all trust in the old ones, and says which pairs must be paired anew.");
        Func<VerbContext, ReplaceCertificate> request = AddReplacement(command);
        Option<string?> data = command.AddData(EitherSide);
        return command.Does(async context =>
        {
            CertificateRevoked done = await context.Daemon(data).SendAsync(
                ControlRoutes.CertificateRevoke, request(context), PosternJson.Default.ReplaceCertificate, PosternJson.Default.CertificateRevoked, context.Cancellation);
            context.Output.Result(done, PosternJson.Default.CertificateRevoked, CertificateTables.Revoked);
            return ExitCode.Done;
        });
    }

    private static Func<VerbContext, ReplaceCertificate> AddReplacement(Command command)
    {
        Option<string> role = Arguments.Choice("--role", "which certificate", CertificateOperations.InternalTransport);
        role.DefaultValueFactory = _ => CertificateOperations.InternalTransport;
        Option<string> algorithm = Arguments.Choice("--algorithm", "key of the certificate that the node makes (default: as the current one)", [.. CertificateOperations.Algorithms]);
        Option<string?> certificate = new("--certificate") { HelpName = "FILE", Description = "a certificate from elsewhere, PEM, in place of one that the node makes" };
        Option<string?> key = new("--key") { HelpName = "FILE", Description = "its key, PEM, not encrypted; may stand in the certificate's file" };
        command.Options.Add(role);
        command.Options.Add(algorithm);
        command.Options.Add(certificate);
        command.Options.Add(key);
        command.Validators.Add(result =>
        {
            bool isGiven = result.GetResult(certificate) is { Implicit: false };
            if (isGiven && result.GetResult(algorithm) is { Implicit: false })
            {
                result.AddError("--algorithm is for a certificate that the node makes; the one in --certificate FILE has its key already");
            }
            else if (!isGiven && result.GetResult(key) is { Implicit: false })
            {
                result.AddError("--key FILE needs --certificate FILE");
            }
        });
        return context =>
        {
            string? pem = context.Get(certificate) is { } file ? ReadPem(file) : null;
            if (pem is not null && context.Get(key) is { } keyFile)
            {
                pem += "\n" + ReadPem(keyFile);
            }

            return new ReplaceCertificate(context.Get(role), context.Arguments.GetResult(algorithm) is { Implicit: false } ? context.Get(algorithm) : null, pem);
        };
    }

    private static string ReadPem(string file)
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: > MaxFileOctets } large
                ? throw new CommandFailure(ExitCode.Failed, "certificate", $"{file} has {large.Length} octets; a certificate or key has at most {MaxFileOctets}", "give a PEM file")
                : File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotFound", $"there is no file {file}", "check the path", e);
        }
    }
}
