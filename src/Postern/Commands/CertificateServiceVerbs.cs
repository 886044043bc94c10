using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Control;
using Postern.Operations;
using Postern.Operations.Certificates;
using Postern.Output;
using Postern.Transport.Services;

namespace Postern.Commands;

/// <summary><c>postern certificate enable|disable</c>: which services show a certificate.</summary>
internal static class CertificateServiceVerbs
{
    public static Command Enable()
    {
        Argument<string> thumbprint = CertificateStoreVerbs.Thumbprint();
        Option<string> services = ServicesOption("what shall show it");
        Option<bool> force = new("--force") { Description = "do not ask: replace the default certificate of SMTP" };
        Option<bool> byDefault = new("--default") { Description = "the same as --force, for SMTP: clients that ask for no name see it" };
        Option<bool> noDefault = new("--no-default") { Description = "do not ask: SMTP clients see it only when they ask for one of its names" };
        Command command = new("enable", "Binds a certificate to services: writes it into their configuration, reloads them, connects, and compares what they show. If that differs, everything is as before.")
        {
            thumbprint, services, force, byDefault, noDefault,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(noDefault) is { Implicit: false } && (result.GetResult(force) is { Implicit: false } || result.GetResult(byDefault) is { Implicit: false }))
            {
                result.AddError("--no-default contradicts --force and --default");
            }
        });
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(async context =>
        {
            CertificateServices operations = Operations(context, data);
            MailServices wanted = CertificateStoreVerbs.Services(context.Get(services));
            bool? asDefault = context.Get(force) || context.Get(byDefault) ? true : context.Get(noDefault) ? false : null;
            if (asDefault is null && operations.Question(context.Get(thumbprint), wanted) is { } question)
            {
                asDefault = Ask(context, question);
            }

            CertificateBound bound = await operations.EnableAsync(context.Get(thumbprint), wanted, asDefault, context.Cancellation);
            context.Output.Result(bound, PosternJson.Default.CertificateBound, CertificateServiceTables.Bound);
            return ExitCode.Done;
        });
    }

    public static Command Disable()
    {
        Argument<string> thumbprint = CertificateStoreVerbs.Thumbprint();
        Option<string> services = ServicesOption("what shall no longer show it");
        Command command = new("disable", "Takes services away from a certificate: another one that is bound to them takes over, or what was there before Postern.") { thumbprint, services };
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(async context =>
        {
            CertificateBound bound = await Operations(context, data).DisableAsync(context.Get(thumbprint), CertificateStoreVerbs.Services(context.Get(services)), context.Cancellation);
            context.Output.Result(bound, PosternJson.Default.CertificateBound, CertificateServiceTables.Bound);
            return ExitCode.Done;
        });
    }

    /// <summary>On the files of this machine; what is the daemon's own goes through the daemon of the same folder.</summary>
    public static CertificateServices Operations(VerbContext context, Option<string?> data)
    {
        CertificatePlace place = CertificateStoreVerbs.Place(context, data);
        ServiceBinder binder = ServiceBinder.ForMachine(place.Root, TimeProvider.System, NullLogger.Instance);
        return new CertificateServices(place, binder, AnnounceAsync, TimeProvider.System)
        {
            Follow = (old, successor, cancellation) => FollowingConnectors.RunAsync(context, data, old, successor, cancellation),
        };

        async Task<string> AnnounceAsync(string pem, CancellationToken cancellationToken)
        {
            NodeCertificateView view = await context.Daemon(data).SendAsync(
                ControlRoutes.CertificateRenew, new ReplaceCertificate(CertificateOperations.InternalTransport, null, pem),
                PosternJson.Default.ReplaceCertificate, PosternJson.Default.NodeCertificateView, cancellationToken);
            return view.Name;
        }
    }

    /// <summary>Whatever the old certificate is bound to shows the new one from now on.</summary>
    /// <returns>Null: it is bound to nothing.</returns>
    /// <exception cref="OperationException">A service does not show it: all of them go on with the old one.</exception>
    public static async Task<CertificateBound?> TakeOverAsync(VerbContext context, Option<string?> data, string old, string successor)
    {
        LocalCertificateStore store = CertificateStoreVerbs.Place(context, data).Open(TimeProvider.System);
        if (store.All().FirstOrDefault(one => one.Sha256 == old) is not { Metadata.Services: not MailServices.None } before)
        {
            return null;
        }

        try
        {
            return await Operations(context, data).TakeOverAsync(old, successor, context.Cancellation);
        }
        catch (Exception e) when ((e as OperationException ?? Failures.From(e)) is { } failure)
        {
            throw new OperationException(failure.Category, failure.Code, $"{successor} is in the store, but the services of {before.Thumbprint} stay with that: {failure.Message}",
                $"{failure.Hint}; then: postern certificate enable {successor} --services {string.Join(',', MailServicesText.ToWords(before.Metadata.Services))} --force", e);
        }
    }

    private static Option<string> ServicesOption(string description) => Arguments.Words("--services", "LIST", $"{description}, separated by commas: {string.Join(", ", MailServicesText.Words)}");

    /// <summary>As Exchange asks, but no is the default (fact sheet 12 row 25).</summary>
    private static bool Ask(VerbContext context, DefaultSmtpQuestion question)
    {
        TextWriter talk = context.Output.Error;
        talk.WriteLine("Overwrite the existing default SMTP certificate?");
        talk.WriteLine($"  current: {question.Current.Thumbprint} ({question.Current.Subject}), expires {question.Current.NotAfter:u}");
        talk.WriteLine($"  new:     {question.Wanted.Thumbprint} ({question.Wanted.Subject}), expires {question.Wanted.NotAfter:u}");
        bool isYes = Confirmation.Ask(talk, "Yes: clients that ask for no name see the new one. No: they go on seeing the current one, and the new one serves its names only.");
        if (!isYes)
        {
            talk.WriteLine(Console.IsInputRedirected ? "There is no terminal to ask at, so no. --force replaces it." : "No: the default stays.");
        }

        return isYes;
    }
}
