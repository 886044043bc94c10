using System.CommandLine;
using Postern.Certificates;
using Postern.Control;
using Postern.Operations.Subscriptions;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern subscription</c>: the relationship of one edge with the hub.</summary>
internal static class SubscriptionCommand
{
    private const string EitherSide = "data folder of an edge or a hub";

    public static Command Build() =>
        new("subscription", "Edge Subscriptions: made on the edge, imported on the hub.") { New(), Import(), List(), Show(), Remove() };

    private static Command New()
    {
        Option<string?> file = new("--file") { HelpName = "FILE", Description = "where to write the subscription file (mode 0600)" };
        Option<bool> dryRun = new("--dry-run") { Description = "only show which objects of the edge's own a hub would replace" };
        Option<bool> force = new("--force") { Description = "replace the file, and subscribe anew although the edge is subscribed" };
        Option<int> hours = Arguments.Number("--hours", "N", 24, 1, 24 * 7, "how long the file can be imported");
        Command command = new("new", "On the edge: makes Edge-Cert if there is none, the bootstrap account, and the subscription file.") { file, force, hours, dryRun };
        Option<string?> data = command.AddData("data folder of the edge");
        command.Validators.Add(result =>
        {
            if (result.GetResult(file) is null && result.GetResult(dryRun) is null or { Implicit: true })
            {
                result.AddError("--file FILE is missing: where to write the subscription file");
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
            NewSubscriptionResult made = await daemon.SendAsync(
                ControlRoutes.SubscriptionNew, new NewSubscription(context.Get(force), context.Get(hours) * 60),
                PosternJson.Default.NewSubscription, PosternJson.Default.NewSubscriptionResult, context.Cancellation);

            // The file belongs to whoever ran the command, not to the daemon's user; the daemon only makes its content.
            byte[] document = System.Text.Encoding.UTF8.GetBytes(made.Document);
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
                },
                PosternJson.Default.SubscriptionFileWritten, SubscriptionTables.FileWritten);
            return ExitCode.Done;
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

    private static Command Import()
    {
        Argument<string> file = new("FILE") { Description = "the subscription file that the edge made" };
        Option<string> site = Arguments.Words("--site", "NAME", "the site whose hubs serve this edge");
        Option<string?> address = Arguments.Dial("--address", "dial the edge here instead of under its own name");
        Option<bool> noSync = new("--no-sync") { Description = "subscribe only; leave the first synchronization to the schedule or to `sync start`" };
        Option<bool> noInternet = new("--no-internet-connector") { Description = "make no send connector to the Internet for this edge" };
        Option<bool> noInbound = new("--no-inbound-connector") { Description = "make no send connector from this edge to the servers of the site" };
        Command command = new("import", "On the hub: subscribes the edge that made the file, and synchronizes it.") { file, site, address, noSync, noInternet, noInbound };
        Option<string?> data = command.AddData("data folder of the hub");
        return command.Does(async context =>
        {
            string path = context.Get(file);
            string document = await ReadAsync(path, context.Cancellation);
            ControlClient daemon = context.Daemon(data);
            ImportSubscription request = new(document, path, context.Get(site), context.Get(address), !context.Get(noSync), !context.Get(noInternet), !context.Get(noInbound));
            ImportSubscriptionResult imported;
            using (SyncProgressLine progress = new(context.Output.Error))
            {
                imported = await daemon.StreamAsync(
                    ControlRoutes.SubscriptionImport, request,
                    PosternJson.Default.ImportSubscription, PosternJson.Default.ImportStreamLine, progress, context.Cancellation);
            }

            context.Output.Result(imported, PosternJson.Default.ImportSubscriptionResult, SubscriptionTables.Imported);
            return SyncCommand.ExitCodeOf(imported.Results);
        });
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

    private static Command List()
    {
        Command command = new("list", "Lists the subscriptions, on either side.");
        Option<string?> data = command.AddData(EitherSide);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            SubscriptionList list = await daemon.SendAsync(
                ControlRoutes.SubscriptionList, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.SubscriptionList, context.Cancellation);
            context.Output.Result(list.Subscriptions, PosternJson.Default.IReadOnlyListSubscriptionView, SubscriptionTables.List);
            return ExitCode.Done;
        });
    }

    private static Command Show()
    {
        Argument<string> name = new("NAME") { Description = "the edge's name" };
        Command command = new("show", "Shows one subscription, on either side.") { name };
        Option<string?> data = command.AddData(EitherSide);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            SubscriptionView one = await daemon.SendAsync(
                ControlRoutes.SubscriptionShow, new NamedSubscription(context.Get(name)),
                PosternJson.Default.NamedSubscription, PosternJson.Default.SubscriptionView, context.Cancellation);
            context.Output.Result(one, PosternJson.Default.SubscriptionView, SubscriptionTables.Show);
            return ExitCode.Done;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = new("NAME") { Description = "the edge's name" };
        Command command = new("remove", "Ends a subscription, on the side where it is run; the other side needs the same.") { name };
        Option<string?> data = command.AddData(EitherSide);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            SubscriptionRemoved removed = await daemon.SendAsync(
                ControlRoutes.SubscriptionRemove, new NamedSubscription(context.Get(name)),
                PosternJson.Default.NamedSubscription, PosternJson.Default.SubscriptionRemoved, context.Cancellation);
            context.Output.Result(removed, PosternJson.Default.SubscriptionRemoved, SubscriptionTables.Removed);
            return ExitCode.Done;
        });
    }
}
