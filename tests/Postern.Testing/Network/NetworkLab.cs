using System.Globalization;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace Postern.Testing;

/// <summary>
/// Machines on a network of their own: network namespaces, each joined by veth pairs to the bridges of a switch, which is a namespace too.
/// A cable can be pulled at the switch: the machine goes on with what it has, and hears nothing. This process has a leg in each segment.
/// Takes root; everything is gone at the end.
/// </summary>
public sealed class NetworkLab : IAsyncDisposable
{
    /// <summary>For tests between networks (RFC 2544 appendix C.2.2): nobody routes it.</summary>
    private const string Prefix = "198.18";

    private const int Attempts = 50;
    private const int OurHost = 1;
    private const int FirstHost = 10;

    // An interface name has 15 characters at most (IFNAMSIZ).
    private readonly string _name = "pt" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
    private readonly List<string> _namespaces = [];
    private readonly List<string> _legs = [];
    private readonly Dictionary<string, int> _segments = new(StringComparer.Ordinal);
    private int _hosts = FirstHost;

    private NetworkLab()
    {
    }

    private string Switch => _name + "-switch";

    /// <summary>Skips (or fails, under CI) when we may not make namespaces.</summary>
    /// <param name="segments">Names of its networks.</param>
    public static async Task<NetworkLab> CreateAsync(params string[] segments)
    {
        Peers.Require("ip");
        Peers.Require("nsenter");
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Peers.Miss("a network of its own", "network namespaces take Linux and root");
        }

        NetworkLab lab = new();
        try
        {
            if (await lab.TryAsync("netns", "add", lab.Switch) is { ExitCode: not 0 } refused)
            {
                Peers.Miss("a network of its own", $"no network namespace can be made: {refused.Error.Trim()}");
            }

            lab._namespaces.Add(lab.Switch);
            foreach (string segment in segments)
            {
                await lab.AddSegmentAsync(segment);
            }

            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>This process's own address in a segment.</summary>
    public string OwnAddress(string segment) => Address(segment, OurHost);

    /// <summary>A machine that is plugged into these segments.</summary>
    public async Task<LabMachine> AddAsync(string name, params string[] segments)
    {
        string space = $"{_name}-{name}";
        await RunAsync("netns", "add", space);
        _namespaces.Add(space);
        await RunAsync("-n", space, "link", "set", "lo", "up");
        int host = _hosts++;
        Dictionary<string, string> addresses = new(StringComparer.Ordinal);
        foreach (string segment in segments)
        {
            string port = Port(name, segment);
            await RunAsync("-n", Switch, "link", "add", port, "type", "veth", "peer", "name", "to-" + segment, "netns", space);
            await PlugAsync(port, segment);
            addresses.Add(segment, Address(segment, host));
            await RunAsync("-n", space, "address", "add", Address(segment, host) + "/24", "dev", "to-" + segment);
            await RunAsync("-n", space, "link", "set", "to-" + segment, "up");
        }

        return new LabMachine(name, space, addresses);
    }

    /// <summary>Pulls a machine's cable out of the switch: no end of a connection is told.</summary>
    public Task CutAsync(LabMachine machine, string segment) => RunAsync("-n", Switch, "link", "set", Port(machine.Name, segment), "down");

    public Task HealAsync(LabMachine machine, string segment) => RunAsync("-n", Switch, "link", "set", Port(machine.Name, segment), "up");

    public async ValueTask DisposeAsync()
    {
        // Each by itself: what fails here must not keep the rest.
        foreach (string leg in _legs)
        {
            await TryAsync("link", "delete", leg);
        }

        foreach (string space in _namespaces)
        {
            await TryAsync("netns", "delete", space);
        }
    }

    private static string Port(string machine, string segment) => $"{machine}-{segment[..3]}";

    private string Address(string segment, int host) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{_segments[segment]}.{host}");

    private async Task AddSegmentAsync(string segment)
    {
        await RunAsync("-n", Switch, "link", "add", segment, "type", "bridge");
        await RunAsync("-n", Switch, "link", "set", segment, "up");
        string leg = _name + segment[..3];
        await RunAsync("link", "add", leg, "type", "veth", "peer", "name", leg, "netns", Switch);
        _legs.Add(leg);
        await PlugAsync(leg, segment);
        _segments.Add(segment, FreeNetwork());
        await RunAsync("address", "add", OwnAddress(segment) + "/24", "dev", leg);
        await RunAsync("link", "set", leg, "up");
    }

    private async Task PlugAsync(string port, string segment)
    {
        await RunAsync("-n", Switch, "link", "set", port, "master", segment);
        await RunAsync("-n", Switch, "link", "set", port, "up");
    }

    /// <summary>The third octet of a network that no interface of this machine is in.</summary>
    private int FreeNetwork()
    {
        string[] taken = [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(one => one.GetIPProperties().UnicastAddresses).Select(one => one.Address.ToString())];
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int network = Random.Shared.Next(0, 256);
            string start = string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{network}.");
            if (!_segments.ContainsValue(network) && !taken.Any(address => address.StartsWith(start, StringComparison.Ordinal)))
            {
                return network;
            }
        }

        throw new InvalidOperationException($"No free network in {Prefix}.0.0/16 after {Attempts} attempts.");
    }

    private async Task RunAsync(params string[] arguments)
    {
        if (await TryAsync(arguments) is { ExitCode: not 0 } failed)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {failed}");
        }
    }

    private Task<CommandResult> TryAsync(params string[] arguments) => ChildProcess.RunAsync(Peers.PathOf("ip"), arguments);
}

/// <summary>A machine of a <see cref="NetworkLab"/>: only its network is its own, files and Unix sockets are everybody's.</summary>
/// <param name="Namespace">Name of its network namespace.</param>
/// <param name="Addresses">By segment.</param>
public sealed record LabMachine(string Name, string Namespace, IReadOnlyDictionary<string, string> Addresses)
{
    /// <summary>What stands before a command that is to run there.</summary>
    public IReadOnlyList<string> Enter => [Peers.PathOf("nsenter"), "--net=/run/netns/" + Namespace];
}
