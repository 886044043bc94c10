using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>The send connectors that a subscription brings with it, and takes away again (fact sheet 2.6 and 2.7).</summary>
public sealed class AutomaticConnectors(ConfigurationStore store)
{
    /// <summary>Of the Internet connector: any other connector for everything is preferred.</summary>
    private const int InternetCost = 100;

    public static string InternetName(string site) => $"EdgeSync - {site} to Internet";

    public static string InboundName(string site) => $"EdgeSync - Inbound to {site}";

    /// <summary>Makes what is missing: one connector to the Internet for all edges of the site, one inbound for each edge. What is there is
    /// not changed, but for the edge that joins the Internet connector.</summary>
    /// <returns>The names of those made or joined.</returns>
    public async Task<IReadOnlyList<string>> EnsureAsync(string edge, string site, bool internet, bool inbound, CancellationToken cancellationToken = default)
    {
        List<string> done = [];
        IReadOnlyList<SendConnector> there = await ListAsync(cancellationToken);
        if (internet)
        {
            SendConnector? one = there.FirstOrDefault(connector => Same(connector.Name, InternetName(site)));
            if (one is null)
            {
                await store.AddAsync(ConfigurationClasses.SendConnector, Internet(edge, site), cancellationToken);
                done.Add(InternetName(site));
            }
            else if (!EdgeSource.Include(one.Edges, edge))
            {
                await SetEdgesAsync(one.Name, [.. one.Edges, new EdgeSource(edge)], cancellationToken);
                done.Add(one.Name);
            }
        }

        if (inbound && !there.Any(connector => IsInbound(connector, site) && EdgeSource.Include(connector.Edges, edge)))
        {
            string name = InboundName(site);
            name = there.Any(connector => Same(connector.Name, name)) ? $"{name} ({edge})" : name;
            await store.AddAsync(ConfigurationClasses.SendConnector, Inbound(name, edge), cancellationToken);
            done.Add(name);
        }

        return done;
    }

    /// <summary>Takes an edge out of every connector; a connector that has no other edge goes.</summary>
    /// <returns>The names of the connectors that are gone.</returns>
    public async Task<IReadOnlyList<string>> ForgetAsync(string edge, CancellationToken cancellationToken = default)
    {
        List<string> gone = [];
        foreach (ConfigurationClass kind in (ConfigurationClass[])[ConfigurationClasses.SendConnector, ConfigurationClasses.ReceiveConnector])
        {
            foreach (ConfigurationItem item in await store.ListAsync(kind, cancellationToken))
            {
                IReadOnlyList<EdgeSource> edges = item.Object switch
                {
                    SendConnector send => send.Edges,
                    ReceiveConnector receive => receive.Edges,
                    _ => [],
                };
                IReadOnlyList<EdgeSource> rest = [.. edges.Where(source => !Same(source.Edge, edge))];
                if (rest.Count == edges.Count)
                {
                    continue;
                }

                if (rest.Count == 0)
                {
                    await store.RemoveAsync(kind, item.Name, cancellationToken);
                    gone.Add(item.Name);
                }
                else
                {
                    await SetEdgesAsync(item.Name, rest, cancellationToken, kind);
                }
            }
        }

        return gone;
    }

    private static SendConnector Internet(string edge, string site) => new(InternetName(site))
    {
        AddressSpaces = [new AddressSpace(AddressSpace.Everything, InternetCost)],
        Edges = [new EdgeSource(edge)],
        DnsRouting = true,
        DomainSecure = true,
    };

    private static SendConnector Inbound(string name, string edge) => new(name)
    {
        AddressSpaces = [new AddressSpace(AddressSpace.OwnDomains, AddressSpace.LeastCost)],
        SmartHosts = [new SmartHost(SmartHost.SiteServers)],
        Edges = [new EdgeSource(edge)],
        DnsRouting = false,
        SmartHostAuth = SmartHostAuth.DirectTrust,
    };

    private static bool IsInbound(SendConnector connector, string site) => connector.Name.StartsWith(InboundName(site), StringComparison.OrdinalIgnoreCase);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private async Task<IReadOnlyList<SendConnector>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(ConfigurationClasses.SendConnector, cancellationToken)).Select(item => item.Object).OfType<SendConnector>()];

    private Task<ConfigurationObject> SetEdgesAsync(string name, IReadOnlyList<EdgeSource> edges, CancellationToken cancellationToken, ConfigurationClass? kind = null) =>
        store.SetAsync(
            kind ?? ConfigurationClasses.SendConnector, name, null,
            new Dictionary<string, IReadOnlyList<string>> { ["edges"] = [.. edges.Select(edge => edge.Edge)] }, cancellationToken);
}
