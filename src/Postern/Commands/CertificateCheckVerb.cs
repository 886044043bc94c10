using System.CommandLine;
using Postern.Certificates;
using Postern.Control;
using Postern.EdgeSync;
using Postern.Mail;
using Postern.Operations.Certificates;
using Postern.Operations.Configuration;
using Postern.Output;
using Postern.Transport.Selection;

namespace Postern.Commands;

/// <summary><c>postern certificate check</c>: what a certificate is worth, which one a connector shows, what ends soon, here and on all nodes.</summary>
internal sealed class CertificateCheckVerb
{
    private readonly Argument<string?> _thumbprint = new("THUMBPRINT")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "what this certificate is worth, link by link (default: all certificates, and what ends soon)",
    };

    private readonly Option<string?> _connector = new("--connector") { HelpName = "NAME", Description = "which certificate this connector of the configuration shows, and why; asks the daemon" };
    private readonly Option<string?> _fqdn = new("--fqdn") { HelpName = "NAME", Description = "which certificate is shown for this name, and why" };
    private readonly Option<string[]> _names = new("--name") { HelpName = "NAME", Description = "with THUMBPRINT: it has to stand for this name; may be given several times" };
    private readonly Option<string> _revocation = Arguments.Choice("--revocation", "where to look for revocation: nowhere, in the lists of the trust folder, or at the authorities, too (default offline)", "none", "offline", "online");
    private readonly Option<ExpiryThreshold> _warning = Threshold("--warning", ExpiryThresholds.Default.Warning, "to warn from: days like 60d, or a part of its life like 25%");
    private readonly Option<ExpiryThreshold> _critical = Threshold("--critical", ExpiryThresholds.Default.Critical, "to be critical from");
    private readonly Option<bool> _local = new("--local") { Description = "on a hub: this node only (default: all nodes of the organization)" };
    private readonly Option<bool> _nagios = new("--nagios") { Description = "one line and performance data, exit code 0 ok, 1 warning, 2 critical, 3 unknown" };
    private readonly Option<string?> _data;

    private CertificateCheckVerb(Command command)
    {
        command.Arguments.Add(_thumbprint);
        foreach (Option option in (Option[])[_connector, _fqdn, _names, _revocation, _warning, _critical, _local, _nagios])
        {
            command.Options.Add(option);
        }

        _data = command.AddData(CertificateStoreVerbs.AnyFolder);
        command.Validators.Add(result =>
        {
            int asked = (result.GetResult(_thumbprint) is { Tokens.Count: > 0 } ? 1 : 0) + (result.GetResult(_connector) is null ? 0 : 1) + (result.GetResult(_fqdn) is null ? 0 : 1);
            if (asked > 1)
            {
                result.AddError("THUMBPRINT, --connector and --fqdn exclude each other");
            }
            else if (asked == 1 && result.GetResult(_nagios) is { Implicit: false })
            {
                result.AddError("--nagios is for the watch over all certificates: without THUMBPRINT, --connector and --fqdn");
            }
        });
    }

    public static Command Build()
    {
        Command command = new("check", "Judges certificates: what one is worth, which one a connector shows, or what ends soon on all nodes. Exit code 1 when something is wrong.");
        CertificateCheckVerb verb = new(command);
        return command.Does(context => verb.RunAsync(context));
    }

    private Task<int> RunAsync(VerbContext context) =>
        context.Get(_connector) is { } connector ? ConnectorAsync(context, connector)
        : context.Get(_fqdn) is { } fqdn ? Task.FromResult(Selected(context, [Checks(context).Explain(CertificateWanted.For(fqdn), null, fqdn)]))
        : context.Get(_thumbprint) is { } one ? Task.FromResult(One(context, one))
        : WatchAsync(context);

    private int One(VerbContext context, string identity)
    {
        CertificateExaminationView found = Checks(context).Examine(identity, context.Get(_names) ?? [], Revocation(context), Thresholds(context));
        context.Output.Result(found, PosternJson.Default.CertificateExaminationView, CertificateCheckText.Examination);
        return found.Status == "valid" && found.Level != "critical" ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>A send and a receive connector may have the same name: both are explained.</summary>
    private async Task<int> ConnectorAsync(VerbContext context, string name)
    {
        string server = (await context.Daemon(_data).SendAsync(ControlRoutes.Status, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.StatusResult, context.Cancellation)).Fqdn;
        List<CertificateSelectionView> found = [];
        foreach ((ConfigurationClass kind, string word) in ((ConfigurationClass, string)[])[(ConfigurationClasses.ReceiveConnector, "receive"), (ConfigurationClasses.SendConnector, "send")])
        {
            ConfigurationList list = await context.Daemon(_data).SendAsync(
                ControlRoutes.Configuration(kind, "list"), new ConfigurationRequest(), PosternJson.Default.ConfigurationRequest, PosternJson.Default.ConfigurationList, context.Cancellation);
            found.AddRange(list.Objects.Where(one => name.Equals((string?)one["name"], StringComparison.OrdinalIgnoreCase)).Select(one => Checks(context).Explain(ConnectorView.Read(one), word, server)));
        }

        return found.Count > 0 ? Selected(context, found)
            : throw new CommandFailure(ExitCode.Failed, "noSuchConnector", $"there is no connector '{name}'", "`postern connector receive list` and `postern connector send list` show them");
    }

    private static int Selected(VerbContext context, IReadOnlyList<CertificateSelectionView> found)
    {
        context.Output.Result(new CertificateSelectionList(found), PosternJson.Default.CertificateSelectionList, CertificateCheckText.Selections);
        return found.All(one => one.Event is null) ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<int> WatchAsync(VerbContext context)
    {
        bool isNagios = context.Get(_nagios);
        CertificateWatchView view;
        try
        {
            (IReadOnlyList<NodeReport> nodes, IReadOnlyList<string> faults) = await ReportsAsync(context);
            view = CertificateWatch.Judge(nodes, faults, Thresholds(context), TimeProvider.System.GetUtcNow());
        }
        catch (Exception e) when (isNagios && e is not OperationCanceledException)
        {
            // Whatever it is: a monitor that gets no answer it knows says the wrong thing.
            context.Output.Out.WriteLine(NagiosText.Unknown(e.Message));
            return NagiosText.ExitUnknown;
        }

        if (isNagios)
        {
            NagiosText.Write(context.Output.Out, view);
            return NagiosText.ExitCodeOf(view.Level);
        }

        context.Output.Result(view, PosternJson.Default.CertificateWatchView, CertificateCheckText.Watch);
        return view.Level is "critical" or "unknown" ? ExitCode.Failed : ExitCode.Done;
    }

    private async Task<(IReadOnlyList<NodeReport> Nodes, IReadOnlyList<string> Faults)> ReportsAsync(VerbContext context)
    {
        CertificatePlace place = CertificateStoreVerbs.Place(context, _data);
        byte[] own = Checks(context).Inventory(Revocation(context)).Write();
        bool isHub = System.IO.Directory.Exists(new HubPaths(place.Root).KeysFolder) && !System.IO.Directory.Exists(new EdgePaths(place.Root).Private);
        if (!isHub || context.Get(_local))
        {
            return ([new NodeReport(Environment.MachineName, isHub ? "hub" : "node", own)], []);
        }

        try
        {
            NodeReportList list = await context.Daemon(_data).SendAsync(
                ControlRoutes.CertificateReports, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.NodeReportList, context.Cancellation);
            return ([new NodeReport(list.Node, "hub", own), .. list.Nodes.Where(one => one.Node != list.Node)], []);
        }
        catch (CommandFailure e)
        {
            return ([new NodeReport(Environment.MachineName, "hub", own)], [$"the other nodes could not be asked for: {e.Message}"]);
        }
    }

    private CertificateChecks Checks(VerbContext context) => new(CertificateStoreVerbs.Place(context, _data), TimeProvider.System);

    private ExpiryThresholds Thresholds(VerbContext context) => new(context.Get(_warning), context.Get(_critical));

    private RevocationCheck Revocation(VerbContext context) => context.Get(_revocation) switch { "none" => RevocationCheck.None, "online" => RevocationCheck.Online, _ => RevocationCheck.Offline };

    private static Option<ExpiryThreshold> Threshold(string name, ExpiryThreshold otherwise, string description) => new(name)
    {
        HelpName = "DAYSd|PERCENT%",
        Description = $"how much has to be left, {description} (default {otherwise} of its life)",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (!ExpiryThreshold.TryParse(text, out ExpiryThreshold threshold))
            {
                result.AddError($"{name}: '{text}' is neither days like 60d, 0 to {ExpiryThreshold.MaxDays}, nor a part like 25%");
            }

            return threshold;
        },
    };
}
