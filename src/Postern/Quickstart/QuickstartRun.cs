using Microsoft.Extensions.Logging;
using Postern.Commands;
using Postern.Control;
using Postern.EdgeSync.Settings;
using Postern.Hosting;
using Postern.Mail;
using Postern.Operations;
using Postern.Operations.Configuration;
using Postern.Operations.Recipients;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;
using Postern.Output;

namespace Postern.Quickstart;

/// <summary>The whole of Postern on loopback in one process: the same hosts and the same verbs that an administrator uses.</summary>
internal sealed class QuickstartRun(QuickstartOptions options, CommandOutput output, ILoggerFactory log)
{
    private const string Site = "Default-First-Site-Name";
    private const string EdgeFqdn = "edge1.postern.example";
    private const string HubFqdn = "hub1.postern.example";
    private const int FileMinutes = 60;

    private readonly TextWriter _talk = output.Talk;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using QuickstartFolder folder = new(options.DataFolder);
        Say($"Everything is in {folder.Root}{(folder.IsTemporary ? " (removed at the end)" : "")}.");
        SampleSource source = await SourceAsync(folder, cancellationToken);
        Say($"Source: {source.Description}.");
        HubSettingsFile.Write(folder.HubSettings, Site, source.Settings);

        await using EdgeHost edge = await EdgeHost.StartAsync(
            new EdgeHostOptions(folder.Edge, EdgeFqdn, options.Ldaps, options.Ldap, EdgeCommand.ParseSocketmap(options.Socketmap, folder.Edge)),
            log, TimeProvider.System, cancellationToken);
        Say($"Edge {EdgeFqdn}: LDAPS on {edge.Ldaps} with certificate {edge.CertificateSha256[..16]}..., socketmap on {edge.Listeners["socketmap"]}.");
        HubSettings settings = await Failures.TranslateAsync(() => Task.FromResult(HubSettingsReader.Read(folder.HubSettings)));
        await using HubHost hub = await HubHost.StartAsync(new HubHostOptions(folder.Hub, HubFqdn, settings), log, TimeProvider.System, cancellationToken);
        Say($"Hub {HubFqdn}, site {Site}.");

        await AcceptAsync(hub.Operations, source.Domains, cancellationToken);
        ImportSubscriptionResult first = await SubscribeAsync(edge, hub.Operations, cancellationToken);
        List<QuickstartCycle> cycles = [new("everything is new", first.Results)];
        Show("First synchronization", cycles[0]);
        int exitCode = SyncCommand.ExitCodeOf(first.Results);
        List<LookupRecipientResult> lookups = [];
        if (exitCode == ExitCode.Done)
        {
            cycles.Add(await ChangeAsync(hub.Operations, source, cancellationToken));
            exitCode = SyncCommand.ExitCodeOf(cycles[^1].Results);
            lookups = await LookupAsync(edge.Operations, source, cancellationToken);
        }

        List<string> next = Next(folder, edge, source);
        QuickstartReport report = new(
            folder.Root, source.Description, source.Domains, edge.Listeners, first.Subscription, cycles, lookups, next);
        output.Result(report, PosternJson.Default.QuickstartReport, (writer, _) => ShowNext(writer, next));
        if (exitCode == ExitCode.Done && !options.Once)
        {
            await StayAsync(hub, cancellationToken);
        }

        return exitCode;
    }

    private async Task<SampleSource> SourceAsync(QuickstartFolder folder, CancellationToken cancellationToken) => options switch
    {
        { SourceUrl: not null } => await DirectorySource.MakeAsync(options, cancellationToken),
        { LdifFile: { } file } => await FileSource.MakeAsync(file, folder.Organization, cancellationToken),
        _ => await GeneratedSource.MakeAsync(options.Recipients, folder.Organization, cancellationToken),
    };

    private async Task AcceptAsync(HubOperations hub, IReadOnlyList<string> domains, CancellationToken cancellationToken)
    {
        ConfigurationClass kind = ConfigurationClasses.AcceptedDomain;
        HashSet<string> there = [.. (await hub.Configuration.ListAsync(kind, cancellationToken)).Objects.Select(domain => domain["name"]!.ToString())];
        foreach (string domain in domains.Where(domain => !there.Contains(domain)))
        {
            await hub.Configuration.AddAsync(
                kind, new ConfigurationRequest(domain, Values: new Dictionary<string, IReadOnlyList<string>> { ["type"] = ["authoritative"] }), cancellationToken);
        }

        Say($"Accepted domains: {string.Join(", ", domains)}.");
    }

    private async Task<ImportSubscriptionResult> SubscribeAsync(EdgeHost edge, HubOperations hub, CancellationToken cancellationToken)
    {
        // A folder of an earlier run is subscribed already: its bootstrap account went with that run.
        NewSubscriptionResult file = await edge.Operations.NewSubscriptionAsync(new NewSubscription(Force: true, FileMinutes), cancellationToken);
        Say($"Subscription file of {file.EdgeName}: imported, then synchronizing over LDAPS with the pinned certificate.");
        using SyncProgressLine progress = new(output.Error);
        return await hub.ImportSubscriptionAsync(
            new ImportSubscription(file.Document, "the subscription file", Site, edge.Ldaps.ToString()), progress, cancellationToken);
    }

    private async Task<QuickstartCycle> ChangeAsync(HubOperations hub, SampleSource source, CancellationToken cancellationToken)
    {
        string change = await source.ChangeAsync(cancellationToken);
        using SyncProgressLine progress = new(output.Error);
        QuickstartCycle cycle = new(change, await hub.StartSyncAsync(new StartSync(null, Full: false, ApproveDeletes: false), progress, cancellationToken));
        Show($"Changed at the source: {change}. Second synchronization", cycle);
        return cycle;
    }

    private async Task<List<LookupRecipientResult>> LookupAsync(EdgeOperations edge, SampleSource source, CancellationToken cancellationToken)
    {
        List<LookupRecipientResult> answers = [];
        _talk.WriteLine();
        foreach (string address in (string[])[source.KnownAddress, source.UnknownAddress])
        {
            LookupRecipientResult answer = await edge.LookupRecipientAsync(new LookupRecipient(address), cancellationToken);
            answers.Add(answer);
            _talk.Write("Lookup: ");
            Tables.Lookup(_talk, answer);
        }

        return answers;
    }

    private void Show(string title, QuickstartCycle cycle)
    {
        _talk.WriteLine();
        _talk.WriteLine(title + ":");
        Tables.Cycles(_talk, cycle.Results);
    }

    private List<string> Next(QuickstartFolder folder, EdgeHost edge, SampleSource source)
    {
        string postern = Environment.GetEnvironmentVariable("POSTERN_COMMAND") is { Length: > 0 } typed ? typed : "postern";
        if (options.Once && folder.IsTemporary)
        {
            return [$"{postern} quickstart", $"{postern} quickstart --data ./postern-data", $"{postern} --help"];
        }

        List<string> commands =
        [
            $"{postern} recipient lookup {source.KnownAddress} --data {folder.Edge}",
            $"{postern} recipient lookup {source.UnknownAddress} --data {folder.Edge}",
            $"{postern} subscription list --data {folder.Hub}",
            $"{postern} domain list --data {folder.Hub}",
            $"{postern} sync start --data {folder.Hub}",
            $"postmap -q {source.KnownAddress} socketmap:{edge.Listeners["socketmap"]}:recipients",
        ];
        if (options.Once)
        {
            // The hub has noted where the edge listened; there it has to listen again.
            commands.InsertRange(
                0,
                [
                    $"{postern} edge run --data {folder.Edge} --fqdn {EdgeFqdn} --ldaps {edge.Ldaps} --ldap {edge.Listeners["ldap"]} &",
                    $"{postern} hub run --data {folder.Hub} --fqdn {HubFqdn} --config {folder.HubSettings} &",
                ]);
        }

        return commands;
    }

    private void ShowNext(TextWriter writer, List<string> next)
    {
        writer.WriteLine();
        writer.WriteLine(options.Once ? "Try next:" : "Try, in another terminal while this one stays up:");
        foreach (string command in next)
        {
            writer.WriteLine($"  {command}");
        }

        writer.WriteLine("A main.cf for Postfix is in docs/postfix.md.");
    }

    private async Task StayAsync(HubHost hub, CancellationToken cancellationToken)
    {
        hub.StartSchedule();
        Say("Running. Ctrl-C ends it.");
        await output.Out.FlushAsync(cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Say("Ending.");
    }

    private void Say(string text) => _talk.WriteLine(text);
}
