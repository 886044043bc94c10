using System.Globalization;
using System.Text.Json;
using Postern.Samples;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Processes;

/// <summary>An edge and a hub, made by the commands of the manual, with an LDIF file or a directory as the source.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly TempFolder _folder = new(shared: true);
    private readonly string _source;

    private Installation(int recipients, string? source, string? edgeFolder)
    {
        EdgeFolder = edgeFolder ?? _folder["edge"];
        Organization = new OrganizationGenerator(recipients);
        WriteOrganization(writer => Organization.WriteLdif(writer));
        _source = source ?? $$"""{ "name": "corp", "type": "ldif", "path": "{{LdifFile}}" }""";
        File.WriteAllText(ConfigFile, $$"""{ "site": "Default-First-Site-Name", "sources": [ {{_source}} ] }""");
    }

    public OrganizationGenerator Organization { get; }

    public DaemonProcess Edge { get; private set; } = null!;

    public DaemonProcess Hub { get; private set; } = null!;

    public string LdifFile => _folder["organization.ldif"];

    public string ConfigFile => _folder["hub.json"];

    public string EdgeFolder { get; }

    public string HubFolder => _folder["hub"];

    public string SubscriptionFile => _folder["edge.xml"];

    public string this[string name] => _folder[name];

    /// <summary>Daemons run, domains are accepted; nobody is subscribed.</summary>
    /// <param name="source">The source object of hub.json; null: the generated organization as LDIF.</param>
    /// <param name="scheduled">The hub runs cycles by itself: at intervals, and when a source rings.</param>
    public static async Task<Installation> StartAsync(
        int recipients, string? source = null, string? socketmap = null, string? edgeFolder = null, string edgeFqdn = "edge1.example.net", bool scheduled = false)
    {
        Installation one = new(recipients, source, edgeFolder);
        try
        {
            one.Edge = await DaemonProcess.StartEdgeAsync(one.EdgeFolder, socketmap: socketmap, fqdn: edgeFqdn);
            one.Hub = scheduled
                ? await DaemonProcess.StartScheduledHubAsync(one.HubFolder, one.ConfigFile, "hub1.example.com")
                : await DaemonProcess.StartHubAsync(one.HubFolder, one.ConfigFile);
            foreach (string domain in one.Organization.MailDomains)
            {
                await PosternProgram.MustAsync("domain", "add", domain, "--type", "authoritative", "--data", one.HubFolder);
            }

            return one;
        }
        catch
        {
            await one.DisposeAsync();
            throw;
        }
    }

    public Task<string> NewSubscriptionAsync(params string[] more) =>
        PosternProgram.MustAsync(["subscription", "new", "--file", SubscriptionFile, "--data", EdgeFolder, .. more]);

    public string[] ImportArguments(params string[] more) =>
    [
        "subscription", "import", SubscriptionFile, "--site", "Default-First-Site-Name", "--data", HubFolder,
        "--address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Edge.LdapsPort}"), .. more,
    ];

    /// <summary>Subscribes and synchronizes.</summary>
    public async Task<JsonElement> SubscribeAsync()
    {
        await NewSubscriptionAsync();
        return await PosternProgram.JsonAsync(0, ImportArguments());
    }

    /// <summary>The result of type recipients of one cycle.</summary>
    public async Task<JsonElement> SynchronizeAsync(int exitCode = 0, params string[] more)
    {
        JsonElement results = await PosternProgram.JsonAsync(exitCode, ["sync", "start", "--data", HubFolder, .. more]);
        return Recipients(results);
    }

    public static JsonElement Recipients(JsonElement results) =>
        results.EnumerateArray().Single(one => one.GetProperty("type").GetString() == "recipients");

    public async Task RestartEdgeAsync()
    {
        int port = Edge.LdapsPort;
        string? socketmap = Edge.Ready.GetProperty("socketmap").GetString();
        await Edge.DisposeAsync();
        Edge = await DaemonProcess.StartEdgeAsync(EdgeFolder, port, socketmap);
    }

    public async Task RestartHubAsync()
    {
        await Hub.DisposeAsync();
        Hub = await DaemonProcess.StartHubAsync(HubFolder, ConfigFile);
    }

    /// <summary>Replaces the LDIF source.</summary>
    public void WriteOrganization(Action<TextWriter> write)
    {
        using StreamWriter writer = new(LdifFile);
        write(writer);
    }

    /// <summary>Edge equals source: a cycle has nothing to do, and every object is the same on both sides.</summary>
    public async Task AssertEdgeEqualsSourceAsync(int recipients)
    {
        JsonElement again = await SynchronizeAsync();
        Assert.Equal("success", again.GetProperty("result").GetString());
        Assert.Equal(0, again.GetProperty("added").GetInt32());
        Assert.Equal(0, again.GetProperty("updated").GetInt32());
        Assert.Equal(0, again.GetProperty("deleted").GetInt32());
        JsonElement test = await PosternProgram.JsonAsync(0, "sync", "test", "--full", "--data", HubFolder);
        JsonElement part = test.GetProperty("edges")[0].GetProperty("parts").EnumerateArray().Single(one => one.GetProperty("what").GetString() == "recipients");
        Assert.Equal(recipients, part.GetProperty("edge").GetInt32());
        Assert.Equal(recipients, part.GetProperty("source").GetInt32());
        foreach (GeneratedRecipient recipient in Organization.Recipients().Where((_, index) => index % (recipients / 4) == 0))
        {
            await PosternProgram.MustAsync("recipient", "lookup", recipient.Addresses[^1], "--data", EdgeFolder);
        }
    }

    /// <summary>Changes of a source that rings arrive without a command.</summary>
    public async Task WaitUntilAsync(string address, bool known)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while ((await PosternProgram.RunAsync("recipient", "lookup", address, "--data", EdgeFolder)).ExitCode != (known ? 0 : 1))
        {
            await Task.Delay(50, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Hub is not null)
        {
            await Hub.DisposeAsync();
        }

        if (Edge is not null)
        {
            await Edge.DisposeAsync();
        }

        _folder.Dispose();
    }
}
