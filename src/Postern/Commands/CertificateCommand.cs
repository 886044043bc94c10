using System.CommandLine;
using Postern.Control;
using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern certificate</c>: those of the services of a node, and the one that it proves itself with to hubs and edges.</summary>
internal static class CertificateCommand
{
    private const string EitherSide = "data folder of an edge or a hub";

    /// <summary>Octets of a PEM file: a certificate, its issuers and a key have a few thousand. Ours.</summary>
    private const int MaxFileOctets = 256 * 1024;

    public static Command Build() =>
        new("certificate", "Certificates: of SMTP, IMAP, POP and HTTPS on this node, and the one that a node proves itself with to hubs and edges.")
        {
            CertificateStoreVerbs.List(), Show(), CertificateStoreVerbs.New(), CertificateStoreVerbs.Request(), CertificateTransferVerbs.Import(), CertificateTransferVerbs.Export(), Renew(), CertificateStoreVerbs.Remove(), Revoke(),
            CertificateCheckVerb.Build(),
            CertificateServiceVerbs.Enable(), CertificateServiceVerbs.Disable(), CertificateWatchVerbs.Build(),
            CertificateFormatVerbs.Inspect(), CertificateFormatVerbs.Convert(),
        };

    private static Command Show()
    {
        Argument<string?> thumbprint = OptionalThumbprint("the node's own certificate: current, next, previous, and what the next one waits for");
        Command command = new("show", "Shows everything about one certificate.") { thumbprint };
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            if (context.Get(thumbprint) is { } one)
            {
                context.Output.Result(new LocalCertificates(CertificateStoreVerbs.Place(context, data), TimeProvider.System).Show(one), PosternJson.Default.CertificateDetail, CertificateStoreTables.Show);
                return ExitCode.Done;
            }

            NodeCertificateView view = await context.Daemon(data).SendAsync(
                ControlRoutes.CertificateShow, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.NodeCertificateView, context.Cancellation);
            context.Output.Result(view, PosternJson.Default.NodeCertificateView, CertificateTables.Show);
            return ExitCode.Done;
        });
    }

    private static Command Renew()
    {
        Argument<string?> thumbprint = OptionalThumbprint("the node's own certificate");
        Command command = new("renew", "Makes a successor with the same names: of a self-signed certificate at once, else a request for its authority. "
            + "The node's own is announced, and taken when all its peers trust it; nobody subscribes anew.") { thumbprint };
        Func<VerbContext, ReplaceCertificate> replacement = AddReplacement(command);
        Option<bool> request = new("--request") { Description = "with THUMBPRINT: make a request, also for a self-signed one" };
        Option<bool> reuseKey = new("--reuse-key") { Description = "with THUMBPRINT: keep the key (default: a new one)" };
        Option<int> days = Arguments.Number("--days", "N", CertificateIssuing.DefaultDays, 1, CertificateIssuing.MaxDays, "with THUMBPRINT: how long a self-signed one is valid (default: as the old one)");
        Option<bool> noEnable = new("--no-enable") { Description = "with THUMBPRINT: leave the services with the old one" };
        command.Options.Add(noEnable);
        command.Options.Add(request);
        command.Options.Add(reuseKey);
        command.Options.Add(days);
        ResultFile file = ResultFile.AddTo(command, "with THUMBPRINT: where to write the request, PEM (default: only printed)");
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            if (context.Get(thumbprint) is { } one)
            {
                bool asRequest = file.Check(context) | context.Get(request);
                ReplaceCertificate asked = replacement(context);
                if (asked.Pem is not null)
                {
                    throw CommandFailure.WrongUsage("--certificate and --key are for the node's own certificate", "import a certificate from elsewhere with `postern certificate import`");
                }

                int? life = context.Arguments.GetResult(days) is { Implicit: false } ? context.Get(days) : null;
                CertificateRenewed done = await CertificateStoreVerbs.Issuing(context, data).RenewAsync(one, asRequest, context.Get(reuseKey), asked.Algorithm, life, context.Cancellation);
                done = done with { Requested = done.Requested is { } made ? CertificateStoreVerbs.Written(context, file, asDer: false, made) : null };
                if (done.Certificate is { Replaces: { } old } && !context.Get(noEnable))
                {
                    done = done with { Bound = await CertificateServiceVerbs.TakeOverAsync(context, data, old, done.Certificate.Thumbprint) };
                }

                context.Output.Result(done, PosternJson.Default.CertificateRenewed, CertificateStoreTables.Renewed);
                return ExitCode.Done;
            }

            NodeCertificateView view = await context.Daemon(data).SendAsync(
                ControlRoutes.CertificateRenew, replacement(context), PosternJson.Default.ReplaceCertificate, PosternJson.Default.NodeCertificateView, context.Cancellation);
            context.Output.Result(view, PosternJson.Default.NodeCertificateView, CertificateTables.Show);
            return ExitCode.Done;
        });
    }

    private static Argument<string?> OptionalThumbprint(string otherwise) => new("THUMBPRINT")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = $"a certificate of `postern certificate list`: SHA-1 or SHA-256, or the first {Postern.Certificates.LocalCertificateStore.MinPrefix} digits of it; without: {otherwise}",
    };

    private static Command Revoke()
    {
        Command command = new("revoke", "The key may be known to others: takes a new certificate at once, ends all trust in the old ones, and says which pairs must be paired anew.");
        Func<VerbContext, ReplaceCertificate> request = AddReplacement(command);
        Option<string?> data = command.AddDaemon(EitherSide);
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

    /// <exception cref="CommandFailure">It is not there, or too large.</exception>
    public static string ReadPem(string file)
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
