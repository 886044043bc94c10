using System.Globalization;
using System.Text;
using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Hubs;

/// <summary>Two hubs and two edges on machines of their own: the hubs on the inside network, where slapd holds recipients and the organization
/// directory, and on the perimeter network, where the edges are.</summary>
internal sealed class HubLab : IAsyncDisposable
{
    public const string Inside = "inside";
    public const string Perimeter = "perimeter";

    private const string Site = "Default-First-Site-Name";
    private const string Staff = "ou=staff,dc=example,dc=com";

    /// <summary>Lines of a hub's log beside a failure.</summary>
    private const int StoryLines = 60;

    private readonly TempFolder _folder = new(shared: true);
    private readonly SortedDictionary<string, string> _people = new(StringComparer.Ordinal);
    private NetworkLab _network = null!;
    private SlapdFixture _slapd = null!;

    private HubLab()
    {
    }

    public LabHub First { get; private set; } = null!;

    public LabHub Second { get; private set; } = null!;

    public LabEdge[] Edges { get; private set; } = [];

    public static async Task<HubLab> StartAsync()
    {
        Peers.Require("slapd");
        Peers.Require("ldap-utils");
        HubLab lab = new();
        try
        {
            lab._network = await NetworkLab.CreateAsync(Inside, Perimeter);
            await lab.FillAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>In the source, one after the other.</summary>
    public Task AddAsync(IEnumerable<string> names) => ChangeAsync(names, name =>
    {
        _people[name] = $"{name}@example.com";
        return $"dn: cn={name},{Staff}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: {name}\nsn: {name}\nmail: {name}@example.com\n\n";
    });

    public Task RenameAsync(IEnumerable<string> names, string addition) => ChangeAsync(names, name =>
    {
        _people[name] = $"{name}{addition}@example.com";
        return $"dn: cn={name},{Staff}\nchangetype: modify\nreplace: mail\nmail: {name}{addition}@example.com\n\n";
    });

    public Task DeleteAsync(IEnumerable<string> names) => ChangeAsync(names, name =>
    {
        _people.Remove(name);
        return $"dn: cn={name},{Staff}\nchangetype: delete\n\n";
    });

    public Task CutAsync(LabMachine machine, params string[] segments) => Task.WhenAll(segments.Select(segment => _network.CutAsync(machine, segment)));

    public Task HealAsync(LabMachine machine, params string[] segments) => Task.WhenAll(segments.Select(segment => _network.HealAsync(machine, segment)));

    /// <summary>The edge has what the source has: nothing is lost, nothing is left over.</summary>
    public async Task UntilEqualAsync(LabEdge edge)
    {
        string? difference = null;
        await UntilAsync(
            async () => (difference = await edge.Witness.DifferenceAsync([.. _people.Values])) is null, () => edge.Witness.Failure,
            () => $"{edge.Name} does not become equal to the source: {difference}");
    }

    public Task UntilHolderAsync(LabEdge edge, LabHub hub) => UntilAsync(
        () => Task.FromResult(edge.Witness.LastLease?.Holder == hub.Name), () => edge.Witness.Failure, () => $"{hub.Name} does not take {edge.Name} over");

    /// <summary>Waits, and says what everybody did when it was in vain.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, Func<string?> hopeless, Func<string> otherwise)
    {
        try
        {
            await Eventually.TrueAsync(condition, hopeless);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{otherwise()}: {e.Message}\n{Story(First)}{Story(Second)}", e);
        }
    }

    /// <summary>What a hub said, but for cycles that went well.</summary>
    private static string Story(LabHub? hub) => hub is null
        ? ""
        : $"{hub.Name}:\n{string.Concat(hub.Process.Output.Split('\n').Where(line => !line.Contains("\"event\":3201", StringComparison.Ordinal)).TakeLast(StoryLines).Select(line => line + "\n"))}";

    /// <summary>As a hub sees it.</summary>
    public static async Task<bool> SeesHolderAsync(LabHub hub, LabEdge edge, LabHub holder)
    {
        JsonElement status = await PosternProgram.JsonAsync(0, "status", "--data", hub.Process.DataFolder);
        return status.GetProperty("leases").EnumerateArray().Any(
            lease => lease.GetProperty("edge").GetString() == edge.Name && lease.TryGetProperty("holder", out JsonElement name) && name.GetString() == holder.Name);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LabEdge edge in Edges)
        {
            await edge.Witness.DisposeAsync();
            await edge.Process.DisposeAsync();
        }

        foreach (LabHub? hub in (LabHub?[])[First, Second])
        {
            if (hub is not null)
            {
                await hub.Process.DisposeAsync();
            }
        }

        if (_slapd is not null)
        {
            await _slapd.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task FillAsync()
    {
        _slapd = await SlapdFixture.StartAsync(new SlapdOptions
        {
            Address = _network.OwnAddress(Inside),
            Schemas = [Path.Combine(Repository.Root, "schema", "postern.schema")],
            DatabaseLines = ["overlay syncprov", "syncprov-sessionlog 100000"],
            ExtraLdif = $"dn: {Staff}\nobjectClass: organizationalUnit\nou: staff\n",
        });
        await AddAsync(Enumerable.Range(0, 200).Select(number => $"first{number}"));
        string config = Configuration();
        LabMachine one = await _network.AddAsync("hub1", Inside, Perimeter);
        First = new LabHub("hub1", one, await DaemonProcess.StartHubOnAsync(one, _folder["hub1"], config, "hub1.example.com"));
        await PosternProgram.MustAsync("domain", "add", "example.com", "--type", "authoritative", "--data", _folder["hub1"]);
        Edges = [await StartEdgeAsync("edge1"), await StartEdgeAsync("edge2")];
        LabMachine two = await _network.AddAsync("hub2", Inside, Perimeter);
        Second = new LabHub("hub2", two, await DaemonProcess.StartHubOnAsync(two, _folder["hub2"], config, "hub2.example.com"));
        foreach (LabEdge edge in Edges)
        {
            await UntilAsync(() => SeesHolderAsync(Second, edge, First), () => null, () => $"{Second.Name} does not join {edge.Name}");
        }
    }

    /// <summary>An edge that the first hub has subscribed.</summary>
    private async Task<LabEdge> StartEdgeAsync(string name)
    {
        LabMachine machine = await _network.AddAsync(name, Perimeter);
        DaemonProcess edge = await DaemonProcess.StartEdgeOnAsync(machine, Perimeter, _folder[name], $"{name}.example.net");
        try
        {
            string file = _folder[name + ".xml"];
            await PosternProgram.MustAsync("subscription", "new", "--file", file, "--data", edge.DataFolder);
            await PosternProgram.MustAsync(
                "subscription", "import", file, "--site", Site, "--data", First.Process.DataFolder, "--address",
                string.Create(CultureInfo.InvariantCulture, $"{machine.Addresses[Perimeter]}:{edge.LdapsPort}"));
            return new LabEdge(name, machine, edge, await EdgeWitness.AttachAsync(edge, machine.Addresses[Perimeter]));
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }
    }

    private string Configuration()
    {
        string password = _folder.Write("password", _slapd.AdminPassword);
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return _folder.Write("hub.json", $$"""
            { "site": "{{Site}}",
              "organization": { "urls": ["{{_slapd.LdapsUrl}}"], "baseDn": "ou=postern,dc=example,dc=com", "bindDn": "{{_slapd.AdminDn}}",
                                "passwordFile": "{{password}}", "caFile": "{{_slapd.CertificateFiles.Authority}}" },
              "recipientSyncInterval": "00:10:00", "configurationSyncInterval": "00:10:00", "topologyInterval": "00:10:00",
              "lockDuration": "00:00:05", "lockRenewalDuration": "00:00:03", "optionDuration": "00:10:00",
              "deleteGuard": { "share": 1 },
              "sources": [ { "name": "corp", "type": "openldap", "urls": ["{{_slapd.LdapsUrl}}"], "baseDn": "{{Staff}}", "bindDn": "{{_slapd.AdminDn}}",
                             "passwordFile": "{{password}}", "caFile": "{{_slapd.CertificateFiles.Authority}}" } ] }
            """);
    }

    private async Task ChangeAsync(IEnumerable<string> names, Func<string, string> change)
    {
        StringBuilder ldif = new();
        foreach (string name in names)
        {
            ldif.Append(change(name));
        }

        (await _slapd.Tools.ModifyAsync(ldif.ToString())).MustSucceed();
    }
}

internal sealed record LabHub(string Name, LabMachine Machine, DaemonProcess Process);

internal sealed record LabEdge(string Name, LabMachine Machine, DaemonProcess Process, EdgeWitness Witness);
