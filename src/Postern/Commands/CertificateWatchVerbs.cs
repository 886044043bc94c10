using System.CommandLine;
using Postern.Control;
using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern certificate watch</c>: renewals of ACME clients are taken in.</summary>
internal static class CertificateWatchVerbs
{
    /// <summary>Seconds: five minutes. A renewal has weeks. Ours.</summary>
    private const int DefaultEvery = 300;

    private const int MostEvery = 86_400;

    public static Command Build() => new("watch", "Folders that an ACME client keeps (certbot, lego): what it renews takes over the services of the one before.")
    {
        Add(), List(), Remove(), Run(),
    };

    private static Command Add()
    {
        Argument<string> folder = Folder();
        Command command = new("add", "Watches a folder: /etc/letsencrypt of certbot, .lego of lego, or one below.") { folder };
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(async context => Print(context, await Watch(context, data).AddAsync(context.Get(folder), context.Cancellation)));
    }

    private static Command List()
    {
        Command command = new("list", "Lists the folders and what is in them.");
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(context => Task.FromResult(Print(context, Watch(context, data).List())));
    }

    private static Command Remove()
    {
        Argument<string> folder = Folder();
        Command command = new("remove", "Watches a folder no longer. What was taken in stays.") { folder };
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(async context => Print(context, await Watch(context, data).RemoveAsync(context.Get(folder), context.Cancellation)));
    }

    private static Command Run()
    {
        Option<bool> once = new("--once") { Description = "look once and end: for a timer, or the deploy hook of the client" };
        Option<int> every = Arguments.Number("--every", "SECONDS", DefaultEvery, 1, MostEvery, "how often to look");
        Command command = new("run", "Takes in what was renewed. Exit code 1 when something could not be bound; the one before goes on then.") { once, every };
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(async context =>
        {
            AcmeWatch watch = Watch(context, data);
            while (true)
            {
                WatchRun run = await watch.RunAsync(context.Cancellation);
                context.Output.Result(run, PosternJson.Default.WatchRun, CertificateWatchTables.Run);
                if (context.Get(once))
                {
                    return run.IsFailed ? ExitCode.Failed : ExitCode.Done;
                }

                await Task.Delay(TimeSpan.FromSeconds(context.Get(every)), context.Cancellation);
            }
        });
    }

    private static Argument<string> Folder() => new("FOLDER") { Description = "of certbot (live/NAME/fullchain.pem, privkey.pem) or lego (certificates/NAME.crt, NAME.key)" };

    private static AcmeWatch Watch(VerbContext context, Option<string?> data) =>
        new(CertificateStoreVerbs.Place(context, data), CertificateServiceVerbs.Operations(context, data), TimeProvider.System);

    private static int Print(VerbContext context, WatchList list)
    {
        context.Output.Result(list, PosternJson.Default.WatchList, CertificateWatchTables.List);
        return ExitCode.Done;
    }
}
