using System.Globalization;
using System.Text.Json;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Processes;

/// <summary>An edge or a hub in a process of its own, ready when it says so.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private const int EdgeReady = 4000;
    private const int HubReady = 4001;

    private readonly ChildProcess _process;

    private DaemonProcess(ChildProcess process, string dataFolder)
    {
        _process = process;
        DataFolder = dataFolder;
    }

    public string DataFolder { get; }

    public int ExitCode => _process.ExitCode;

    public string Output => _process.Output;

    /// <summary>Of the event that says it is ready.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>Port of LDAPS; edges only.</summary>
    public int LdapsPort => PortOf("ldaps");

    /// <summary>Port of LDAP; edges only.</summary>
    public int LdapPort => PortOf("ldap");

    /// <param name="maxFiles">Descriptors that the process may have open.</param>
    public static Task<DaemonProcess> StartEdgeAsync(string dataFolder, int ldapsPort = 0, string? socketmap = null, string fqdn = "edge1.example.net", int? maxFiles = null) =>
        StartAsync(
            dataFolder, EdgeReady, maxFiles,
            [
                "edge", "run", "--data", dataFolder, "--fqdn", fqdn, "--ldap", "127.0.0.1:0",
                "--ldaps", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ldapsPort}"),
                .. socketmap is null ? (string[])[] : ["--socketmap", socketmap],
            ]);

    public static Task<DaemonProcess> StartHubAsync(string dataFolder, string config) =>
        StartAsync(dataFolder, HubReady, null, ["hub", "run", "--data", dataFolder, "--fqdn", "hub1.example.com", "--config", config, "--no-schedule"]);

    /// <summary>One of several hubs, with its schedule.</summary>
    public static Task<DaemonProcess> StartScheduledHubAsync(string dataFolder, string config, string fqdn) =>
        StartAsync(dataFolder, HubReady, null, ["hub", "run", "--data", dataFolder, "--fqdn", fqdn, "--config", config]);

    /// <summary>An edge on a machine of its own: LDAPS on its address, LDAP on its loopback.</summary>
    public static Task<DaemonProcess> StartEdgeOnAsync(LabMachine machine, string segment, string dataFolder, string fqdn) =>
        StartAsync(
            PosternProgram.StartOn(
                machine, "edge", "run", "--data", dataFolder, "--fqdn", fqdn, "--ldap", "127.0.0.1:0", "--ldaps", $"{machine.Addresses[segment]}:0"),
            dataFolder, EdgeReady, $"the edge on {machine.Name}");

    /// <summary>A hub on a machine of its own, with its schedule.</summary>
    public static Task<DaemonProcess> StartHubOnAsync(LabMachine machine, string dataFolder, string config, string fqdn) =>
        StartAsync(
            PosternProgram.StartOn(machine, "hub", "run", "--data", dataFolder, "--fqdn", fqdn, "--config", config), dataFolder, HubReady, $"the hub on {machine.Name}");

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _process.TerminateAsync();
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Log lines with an event id.</summary>
    public IEnumerable<JsonElement> Events(int id) => Lines(_process.Output).Where(line => line.GetProperty("event").GetInt32() == id);

    private static Task<DaemonProcess> StartAsync(string dataFolder, int readyEvent, int? maxFiles, string[] arguments) => StartAsync(
        maxFiles is { } files ? PosternProgram.StartWithFiles(files, arguments) : PosternProgram.Start(arguments), dataFolder, readyEvent, string.Join(' ', arguments));

    private static async Task<DaemonProcess> StartAsync(ChildProcess process, string dataFolder, int readyEvent, string what)
    {
        DaemonProcess daemon = new(process, dataFolder);
        try
        {
            await Eventually.TrueAsync(
                () => daemon.Events(readyEvent).Any(),
                () => daemon._process.HasExited ? $"{what} ended:\n{daemon._process.Output}\n{daemon._process.Error}" : null);
            daemon.Ready = daemon.Events(readyEvent).First().GetProperty("fields");
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whole lines only: the last one may still be on its way.</summary>
    private static IEnumerable<JsonElement> Lines(string output)
    {
        foreach (string line in output.Split('\n')[..^1].Where(line => line.StartsWith('{')))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    private int PortOf(string listener)
    {
        string address = Ready.GetProperty(listener).GetString()!;
        return int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
    }
}
