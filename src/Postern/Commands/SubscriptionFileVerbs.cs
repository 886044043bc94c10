using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.Control;
using Postern.EdgeSync;
using Postern.EdgeSync.Subscriptions;
using Postern.Operations;
using Postern.Operations.Subscriptions;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern subscription new</c>, <c>inspect</c> and <c>import</c>: the way of the subscription file.</summary>
internal static class SubscriptionFileVerbs
{
    /// <summary>An RSA-4096 certificate in PEM has about 3 KiB. Octets.</summary>
    private const int MaxCertificateBytes = 64 * 1024;

    public static Command New()
    {
        Option<string?> file = new("--file") { HelpName = "FILE", Description = "where to write the subscription file (mode 0600)" };
        Option<bool> dryRun = new("--dry-run") { Description = "only show which objects of the edge's own a hub would replace" };
        Option<bool> force = new("--force") { Description = "replace the file, and subscribe anew although the edge is subscribed" };
        Option<int> hours = Arguments.Number("--hours", "N", 24, 1, 24 * 7, "how long the file can be imported");
        Option<string?> forHub = new("--for-hub") { HelpName = "HUB.pem", Description = "seal the file for the hub whose certificate this is (`postern hub identity` prints it there): a copy is worthless" };
        Option<string?> passphraseFile = Passphrases.FileOption("seal the file with the passphrase in the first line of FILE");
        Option<bool> askPassphrase = new("--passphrase") { Description = "seal the file with a passphrase that is asked for" };
        Command command = new("new", "On the edge: makes Edge-Cert if there is none, the bootstrap account, and the subscription file.") { file, forHub, passphraseFile, askPassphrase, force, hours, dryRun };
        Option<string?> data = command.AddDaemon("data folder of the edge");
        command.Validators.Add(result =>
        {
            if (result.GetResult(file) is null && result.GetResult(dryRun) is null or { Implicit: true })
            {
                result.AddError("--file FILE is missing: where to write the subscription file");
            }

            if (new Option[] { forHub, passphraseFile, askPassphrase }.Count(option => result.GetResult(option) is { Implicit: false }) > 1)
            {
                result.AddError("--for-hub, --passphrase-file and --passphrase exclude each other");
            }
        });
        return command.Does(async context =>
        {
            if (context.Get(dryRun))
            {
                SubscriptionPreview preview = await context.Daemon(data).SendAsync(
                    ControlRoutes.SubscriptionPreview, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.SubscriptionPreview, context.Cancellation);
                context.Output.Result(preview, PosternJson.Default.SubscriptionPreview, SubscriptionTables.Preview);
                return ExitCode.Done;
            }

            string path = Path.GetFullPath(context.Get(file)!);
            CheckTarget(path, context.Get(force));
            ControlClient daemon = context.Daemon(data);
            NewSubscription request = new(context.Get(force), context.Get(hours) * 60)
            {
                ForHub = context.Get(forHub) is { } hub ? ReadCertificate(hub) : null,
                Passphrase = context.Get(passphraseFile) is { } from ? Passphrases.Read(from)
                    : context.Get(askPassphrase) ? Passphrases.Ask("passphrase to seal the file with", twice: true, context.Output.Error)
                    : null,
            };
            NewSubscriptionResult made = await daemon.SendAsync(
                ControlRoutes.SubscriptionNew, request,
                PosternJson.Default.NewSubscription, PosternJson.Default.NewSubscriptionResult, context.Cancellation);

            // The file belongs to whoever ran the command, not to the daemon's user; the daemon only makes its content.
            byte[] document = Encoding.UTF8.GetBytes(made.Document);
            if (context.Get(force))
            {
                PrivateFile.Replace(path, document);
            }
            else
            {
                PrivateFile.CreateNew(path, document);
            }

            context.Output.Result(
                new SubscriptionFileWritten(path, made.EdgeName, made.EdgeFqdn, made.AdamSslPort, made.CertificateSha256, made.ExpiresUtc)
                {
                    Replaces = made.Replaces,
                    Backup = made.Backup,
                    Form = made.Form,
                    HubSha256 = made.HubSha256,
                },
                PosternJson.Default.SubscriptionFileWritten, SubscriptionTables.FileWritten);
            return ExitCode.Done;
        });
    }

    private static string ReadCertificate(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxCertificateBytes
                ? File.ReadAllText(path)
                : throw new CommandFailure(ExitCode.Failed, "hubCertificate", $"{path} has more than {MaxCertificateBytes} octets; that is no certificate", "take what `postern hub identity` printed on the hub");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failed, "hubCertificate", $"the hub's certificate {path} cannot be read: {e.Message}", "take what `postern hub identity` printed on the hub", e);
        }
    }

    /// <summary>What a file says, by whoever has it: no daemon is asked.</summary>
    public static Command Inspect()
    {
        Argument<string> file = new("FILE") { Description = "a subscription file" };
        Option<string?> passphraseFile = Passphrases.FileOption("the passphrase that it is sealed with, in the first line of FILE");
        Option<string?> hub = new("--data") { HelpName = "DIR", Description = "data folder of the hub that it is sealed for" };
        Command command = new("inspect", "Shows what a subscription file says, without its secrets; changes nothing.") { file, passphraseFile, hub };
        return command.Does(context =>
        {
            string path = context.Get(file);
            SubscriptionOpeners openers = new(
                context.Get(passphraseFile) is { } from ? Passphrases.Read(from) : null,
                context.Get(hub) is { } folder && new CertificateStore(new HubPaths(Path.GetFullPath(folder)).KeysFolder) is var store
                    ? [.. store.Names().Select(store.TryLoad).OfType<X509Certificate2>()]
                    : []);
            if (openers.Passphrase is null && !Console.IsInputRedirected
                && SealedSubscription.Describe(SubscriptionFile.ReadContent(path), path).Form == SubscriptionForm.Passphrase)
            {
                openers = openers with { Passphrase = Passphrases.Ask("passphrase", twice: false, context.Output.Error) };
            }

            context.Output.Result(SubscriptionInspector.Inspect(path, openers, TimeProvider.System), PosternJson.Default.SubscriptionInspection, SubscriptionTables.Inspected);
            return Task.FromResult(ExitCode.Done);
        });
    }

    /// <summary>Before anything is made: the daemon's old bootstrap account must not go for a file that cannot be written.</summary>
    private static void CheckTarget(string path, bool force)
    {
        if (System.IO.Directory.Exists(path))
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotWritten", $"{path} is a folder", "give --file the name of a file");
        }

        if (!System.IO.Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotWritten", $"there is no folder {Path.GetDirectoryName(path)}", "make it, or give --file another place");
        }

        if (!force && File.Exists(path))
        {
            throw new CommandFailure(ExitCode.Failed, "fileExists", $"{path} exists already", "choose another name, or replace it with --force");
        }
    }

    public static Command Import()
    {
        Argument<string> file = new("FILE") { Description = "the subscription file that the edge made" };
        Option<string> site = Arguments.Words("--site", "NAME", "the site whose hubs serve this edge");
        Option<string?> address = Arguments.Dial("--address", "dial the edge here instead of under its own name");
        Option<bool> force = new("--force") { Description = "do not ask before the hub's configuration replaces what the edge configured itself" };
        Option<bool> noSync = new("--no-sync") { Description = "subscribe only; leave the first synchronization to the schedule or to `sync start`" };
        Option<bool> noInternet = new("--no-internet-connector") { Description = "make no send connector to the Internet for this edge" };
        Option<bool> noInbound = new("--no-inbound-connector") { Description = "make no send connector from this edge to the servers of the site" };
        Option<string?> passphraseFile = Passphrases.FileOption("the passphrase that the file is sealed with, in the first line of FILE (default: asked for)");
        Command command = new("import", "On the hub: subscribes the edge that made the file, and synchronizes it.") { file, site, passphraseFile, address, force, noSync, noInternet, noInbound };
        Option<string?> data = command.AddDaemon("data folder of the hub");
        return command.Does(async context =>
        {
            string path = context.Get(file);
            string document = await ReadAsync(path, context.Cancellation);
            ControlClient daemon = context.Daemon(data);
            ImportSubscription request = new(document, path, context.Get(site), context.Get(address), !context.Get(noSync), !context.Get(noInternet), !context.Get(noInbound))
            {
                Force = context.Get(force),
                Passphrase = context.Get(passphraseFile) is { } from ? Passphrases.Read(from)
                    : SealedSubscription.Describe(Encoding.UTF8.GetBytes(document), path).Form == SubscriptionForm.Passphrase ? Passphrases.Ask($"passphrase of {path}", twice: false, context.Output.Error)
                    : null,
            };
            ImportSubscriptionResult imported;
            try
            {
                imported = await SendAsync(daemon, request, context);
            }
            catch (CommandFailure refused) when (refused.Code == HubOperations.WouldReplace)
            {
                if (!Confirmation.Ask(context.Output.Error, $"{refused.Message}\nImport it?"))
                {
                    throw;
                }

                imported = await SendAsync(daemon, request with { Force = true }, context);
            }

            context.Output.Result(imported, PosternJson.Default.ImportSubscriptionResult, SubscriptionTables.Imported);
            return SyncCommand.ExitCodeOf(imported.Results);
        });
    }

    private static async Task<ImportSubscriptionResult> SendAsync(ControlClient daemon, ImportSubscription request, VerbContext context)
    {
        using SyncProgressLine progress = new(context.Output.Error, context.Output.Talk);
        return await daemon.StreamAsync(
            ControlRoutes.SubscriptionImport, request,
            PosternJson.Default.ImportSubscription, PosternJson.Default.ImportStreamLine, progress, context.Cancellation);
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > ImportSubscription.MaxDocumentBytes)
            {
                throw new CommandFailure(
                    ExitCode.Failed, "subscriptionFile", $"{path} has more than {ImportSubscription.MaxDocumentBytes} octets; that is no subscription file",
                    "import the file that `postern subscription new` wrote");
            }

            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (FileNotFoundException e)
        {
            throw new CommandFailure(ExitCode.Failed, "subscriptionFile", $"there is no file {path}", "copy it from the edge, where `postern subscription new` wrote it", e);
        }
    }
}
