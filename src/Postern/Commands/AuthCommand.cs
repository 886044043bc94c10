using System.CommandLine;
using System.Text;
using Postern.Control;
using Postern.Operations.Auth;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern auth</c>: the certificate that signs the organization's tokens, and the tokens (docs/auth.md).</summary>
internal static class AuthCommand
{
    private const string HubFolder = "data folder of a hub";

    /// <summary>Days; as Exchange's own successor (fact sheet 8.2).</summary>
    private const int DefaultNotice = 30;

    private const int MaxNotice = 365;
    private const int MaxDays = 3652;
    private const int DefaultDays = 1825;

    /// <summary>Hours of the longest token there is, a reader's.</summary>
    private const int MaxHours = 720;

    public static Command Build() => new("auth", "The certificate that signs the organization's tokens, and the tokens that the management API takes.")
    {
        Show(), Set(), Publish(), ClearPrevious(), Token(), Monitor(),
    };

    private static Command Show()
    {
        Command command = new("show", "Shows the current, next and previous auth certificate, and which hubs can sign with them.");
        Option<string?> data = command.AddDaemon("data folder of a hub or an edge");
        return command.Does(context => ViewAsync(context, data, ControlRoutes.AuthShow));
    }

    private static Command Publish()
    {
        Command command = new("publish", "Makes the next auth certificate the current one now; the one before is trusted until it is cleared.");
        Option<string?> data = command.AddDaemon(HubFolder);
        return command.Does(context => ViewAsync(context, data, ControlRoutes.AuthPublish));
    }

    private static Command ClearPrevious()
    {
        Command command = new("clear-previous", "Ends the trust in the previous auth certificate: tokens that it signed count for nothing.");
        Option<string?> data = command.AddDaemon(HubFolder);
        return command.Does(context => ViewAsync(context, data, ControlRoutes.AuthClearPrevious));
    }

    private static Command Set()
    {
        Option<string> algorithm = Arguments.Choice("--algorithm", "key of the certificate that the hub makes (default ecdsaP256)", [.. AuthOperations.Algorithms]);
        Option<int> days = Arguments.Number("--days", "N", DefaultDays, 1, MaxDays, "life of the certificate that the hub makes (default 1825, five years)");
        Option<int> effective = Arguments.Number("--effective-in", "DAYS", DefaultNotice, 0, MaxNotice, "when it takes over (default 30)");
        Option<bool> force = new("--force") { Description = "also when that is sooner than in 2 days" };
        Option<string?> certificate = new("--certificate") { HelpName = "FILE", Description = "a certificate from elsewhere, PEM, in place of one that the hub makes" };
        Option<string?> key = new("--key") { HelpName = "FILE", Description = "its key, PEM, not encrypted; may stand in the certificate's file" };
        Command command = new("set", "Stages the next auth certificate.") { algorithm, days, effective, force, certificate, key };
        command.Validators.Add(result =>
        {
            bool isGiven = result.GetResult(certificate) is { Implicit: false };
            if (isGiven && (result.GetResult(algorithm) is { Implicit: false } || result.GetResult(days) is { Implicit: false }))
            {
                result.AddError("--algorithm and --days are for a certificate that the hub makes");
            }
            else if (!isGiven && result.GetResult(key) is { Implicit: false })
            {
                result.AddError("--key FILE needs --certificate FILE");
            }
        });
        Option<string?> data = command.AddDaemon(HubFolder);
        return command.Does(async context =>
        {
            string? pem = context.Get(certificate) is { } file ? CertificateCommand.ReadPem(file) : null;
            if (pem is not null && context.Get(key) is { } keyFile)
            {
                pem += "\n" + CertificateCommand.ReadPem(keyFile);
            }

            SetAuth request = new(context.Arguments.GetResult(algorithm) is { Implicit: false } ? context.Get(algorithm) : null, context.Get(days), context.Get(effective), context.Get(force), pem);
            AuthView view = await context.Daemon(data).SendAsync(ControlRoutes.AuthSet, request, PosternJson.Default.SetAuth, PosternJson.Default.AuthView, context.Cancellation);
            context.Output.Result(view, PosternJson.Default.AuthView, AuthTables.Show);
            return ExitCode.Done;
        });
    }

    private static Command Monitor()
    {
        Option<bool> apply = new("--apply") { Description = "do what has to be done (default: only say it)" };
        Option<bool> enforce = new("--enforce") { Description = "a new certificate is wanted, in use within a day, however long the current one lasts" };
        Option<bool> ignore = new("--ignore-unreachable") { Description = "decide although nothing is known of some hub" };
        Command command = new("monitor", "Says what has to be done about the auth certificate, and does it with --apply.") { apply, enforce, ignore };
        Option<string?> data = command.AddDaemon(HubFolder);
        return command.Does(async context =>
        {
            AuthMonitored done = await context.Daemon(data).SendAsync(
                ControlRoutes.AuthMonitor, new MonitorAuth(context.Get(apply), context.Get(enforce), context.Get(ignore)),
                PosternJson.Default.MonitorAuth, PosternJson.Default.AuthMonitored, context.Cancellation);
            context.Output.Result(done, PosternJson.Default.AuthMonitored, AuthTables.Monitored);
            return done switch
            {
                { Blocked: true } => ExitCode.Failed,
                { Applied: false, Action: not "nothing" } => ExitCode.ChangesPending,
                _ => ExitCode.Done,
            };
        });
    }

    private static Command Token()
    {
        Option<string> role = Arguments.Choice("--role", "what its bearer may do (default reader)", [.. AuthOperations.Roles]);
        role.DefaultValueFactory = _ => AuthOperations.Roles[0];
        Option<string?> subject = new("--subject") { HelpName = "NAME", Description = "whose it is, for the logs (default: you, USER@HOST)" };
        Option<string?> node = new("--node") { HelpName = "FQDN", Description = "the one node that takes it (default: all nodes of the organization)" };
        Option<int> hours = Arguments.Number("--hours", "N", 1, 1, MaxHours, "how long it is valid (default 1; up to 24, a reader's up to 720)");
        Command command = new("token", "Makes a token for the management API, which is shown this once.") { role, subject, node, hours };
        ResultFile file = ResultFile.AddTo(command, "where to write it, readable by you alone (default: it is printed)");
        Option<string?> data = command.AddData(HubFolder);
        return command.Does(async context =>
        {
            file.Check(context);
            NewToken request = new(context.Get(subject) ?? $"{Environment.UserName}@{Environment.MachineName}", context.Get(role), context.Get(hours), context.Get(node));
            TokenMade made = await context.Daemon(data).SendAsync(ControlRoutes.AuthToken, request, PosternJson.Default.NewToken, PosternJson.Default.TokenMade, context.Cancellation);
            if (file.Write(context, Encoding.ASCII.GetBytes(made.Token + "\n"), isSecret: true) is { } path)
            {
                made = made with { Token = null, File = path };
            }

            context.Output.Result(made, PosternJson.Default.TokenMade, AuthTables.Token);
            return ExitCode.Done;
        });
    }

    private static async Task<int> ViewAsync(VerbContext context, Option<string?> data, string route)
    {
        AuthView view = await context.Daemon(data).SendAsync(route, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.AuthView, context.Cancellation);
        context.Output.Result(view, PosternJson.Default.AuthView, AuthTables.Show);
        return ExitCode.Done;
    }
}
