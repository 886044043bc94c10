using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Control;
using Postern.EdgeSync.Accounts;
using Postern.Operations.Accounts;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern directory account</c>: who may log on to an edge directory with a browser or a tool.</summary>
internal static class AccountCommand
{
    private const string DataDescription = "data folder of the edge";

    public static Command Build() => new("account", "Accounts for people and tools, on the edge.") { New(), List(), Remove() };

    private static Command New()
    {
        Argument<string> name = new("NAME") { Description = "letters, digits and hyphens" };
        Option<string> role = Arguments.Choice("--role", "lookup reads what is replicated; operator reads everything but secrets, and writes", [.. EdgeAccounts.Roles]);
        role.Required = true;
        Option<string?> certificate = new("--certificate")
        {
            HelpName = "FILE",
            Description = "a client certificate (PEM or DER) that it may log on with too, by SASL EXTERNAL",
        };
        Command command = new("new", "Makes an account and prints its password, which is shown this once.") { name, role, certificate };
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            NewAccount request = new(context.Get(name), context.Get(role), PinOf(context.Get(certificate)));
            NewAccountResult made = await context.Daemon(data).SendAsync(
                ControlRoutes.AccountNew, request, PosternJson.Default.NewAccount, PosternJson.Default.NewAccountResult, context.Cancellation);
            context.Output.Result(made, PosternJson.Default.NewAccountResult, AccountTables.Made);
            return ExitCode.Done;
        });
    }

    private static Command List()
    {
        Command command = new("list", "Lists the accounts, those of the subscription as well.");
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            AccountList list = await context.Daemon(data).SendAsync(
                ControlRoutes.AccountList, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.AccountList, context.Cancellation);
            context.Output.Result(list.Accounts, PosternJson.Default.IReadOnlyListAccountView, AccountTables.List);
            return ExitCode.Done;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = new("NAME");
        Command command = new("remove", "Removes an account; its sessions end.") { name };
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            AccountView removed = await context.Daemon(data).SendAsync(
                ControlRoutes.AccountRemove, new NamedAccount(context.Get(name)),
                PosternJson.Default.NamedAccount, PosternJson.Default.AccountView, context.Cancellation);
            context.Output.Result(removed, PosternJson.Default.AccountView, (output, one) => output.WriteLine($"removed: {one.Name}"));
            return ExitCode.Done;
        });
    }

    private static string? PinOf(string? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            return CertificatePin.Of(certificate).ToString();
        }
        catch (Exception e) when (e is CryptographicException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "certificate", $"{file} is no certificate that can be read: {e.Message}", "give a certificate in PEM or DER form", e);
        }
    }
}
