using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Postern.Certificates;
using Postern.Control;
using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern certificate list|new|request|renew|remove</c>: the certificates of a node, on its files; no daemon is needed.</summary>
internal static class CertificateStoreVerbs
{
    public const string AnyFolder = "data folder of an edge, a hub, or of a mail server that is neither";

    public static Command List()
    {
        Option<string?> domain = new("--domain") { HelpName = "NAME", Description = "only those for this name; the first is the one that mail would choose" };
        Option<string?> services = new("--services") { HelpName = "LIST", Description = "only those that are bound to one of these" };
        Command command = new("list", "Lists the certificates of this node: services, status, dates, names.") { domain, services };
        Option<string?> data = command.AddData(AnyFolder);
        return command.Does(context =>
        {
            LocalCertificates certificates = new(Place(context, data), TimeProvider.System);
            CertificateList list = certificates.List(context.Get(domain), context.Get(services) is { } text ? Services(text) : MailServices.None);
            context.Output.Result(list, PosternJson.Default.CertificateList, CertificateStoreTables.List);
            return Task.FromResult(list.Damaged.Count == 0 ? ExitCode.Done : ExitCode.Failed);
        });
    }

    public static Command New()
    {
        Command command = new("new", "Makes a self-signed certificate. It is bound to nothing until `postern certificate enable`.");
        CertificateWishOptions wish = CertificateWishOptions.AddTo(command);
        Option<int> days = Arguments.Number("--days", "N", CertificateIssuing.DefaultDays, 1, CertificateIssuing.MaxDays, "how long it is valid");
        command.Options.Add(days);
        Option<string?> data = command.AddData(AnyFolder);
        return command.Does(async context =>
        {
            CertificateDetail made = await Issuing(context, data).NewAsync(await wish.ReadAsync(context, data) with { Days = context.Get(days) }, context.Cancellation);
            context.Output.Result(made, PosternJson.Default.CertificateDetail, CertificateStoreTables.Show);
            return ExitCode.Done;
        });
    }

    public static Command Request()
    {
        Command command = new("request", "Makes a request (PKCS #10) for an authority. Its key stays here; `postern certificate import` of the answer completes it.");
        CertificateWishOptions wish = CertificateWishOptions.AddTo(command);
        ResultFile file = ResultFile.AddTo(command, "where to write the request (default: only printed, PEM)");
        Option<string> format = Arguments.Choice("--format", "form of the file (default pem)", "pem", "der");
        command.Options.Add(format);
        Option<string?> data = command.AddData(AnyFolder);
        return command.Does(async context =>
        {
            file.Check(context);
            CertificateRequested made = Written(context, file, context.Get(format) == "der", await Issuing(context, data).RequestAsync(await wish.ReadAsync(context, data), context.Cancellation));
            context.Output.Result(made, PosternJson.Default.CertificateRequested, CertificateStoreTables.Requested);
            return ExitCode.Done;
        });
    }

    public static Command Remove()
    {
        Argument<string> thumbprint = Thumbprint();
        Option<bool> force = new("--force") { Description = "do not ask" };
        Command command = new("remove", "Removes a certificate and its key, or a pending request. One that is in use is refused.") { thumbprint, force };
        Option<string?> data = command.AddData(AnyFolder);
        return command.Does(async context =>
        {
            LocalCertificates certificates = new(Place(context, data), TimeProvider.System);
            CertificateDetail found = certificates.Show(context.Get(thumbprint));
            if (!context.Get(force) && !Confirmation.Ask(context.Output.Error, $"Remove {found.Thumbprint} ({found.Subject}, good until {found.NotAfter:u}) and its key?"))
            {
                throw new CommandFailure(ExitCode.RefusedByGuard, "notConfirmed", $"{found.Thumbprint} was not removed", "answer y, or give --force");
            }

            CertificateRemoved removed = await certificates.RemoveAsync(context.Get(thumbprint), context.Cancellation);
            context.Output.Result(removed, PosternJson.Default.CertificateRemoved, CertificateStoreTables.Removed);
            return ExitCode.Done;
        });
    }

    public static CertificateRequested Written(VerbContext context, ResultFile file, bool asDer, CertificateRequested made) => made with
    {
        File = file.Write(context, asDer ? Convert.FromBase64String(made.Pem[PemEncoding.Find(made.Pem).Base64Data]) : Encoding.ASCII.GetBytes(made.Pem), isSecret: false),
    };

    public static Argument<string> Thumbprint() => new("THUMBPRINT") { Description = "SHA-1 or SHA-256 of the certificate, or the first 8 digits of it" };

    /// <exception cref="CommandFailure">Only a server is named.</exception>
    public static CertificatePlace Place(VerbContext context, Option<string?> data) => CertificatePlace.Of(context.Arguments.GetValue(data)
        ?? throw CommandFailure.WrongUsage("the certificates of services are files of this machine", "give --data DIR in place of --server URL"));

    public static CertificateIssuing Issuing(VerbContext context, Option<string?> data) => new(Place(context, data), TimeProvider.System);

    /// <exception cref="CommandFailure">A word is no service.</exception>
    public static MailServices Services(string text) => MailServicesText.TryParse(text, out MailServices services, out string? error)
        ? services
        : throw CommandFailure.WrongUsage($"--services: {error}", $"e.g. --services {string.Join(',', MailServicesText.Words.Take(2))}");

}
