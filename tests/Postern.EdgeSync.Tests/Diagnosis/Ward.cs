using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Diagnosis;

/// <summary>A hub and an edge that are paired and synchronized, over TLS on loopback, each with its own clock; and the doctors of both.</summary>
internal sealed class Ward : IAsyncDisposable
{
    private HubSynchronizer _synchronizer = null!;
    private HubTopology _topology = null!;
    private HubSettings _settings = null!;

    private Ward(TestEdge edge, TestHub hub) => (Edge, Hub) = (edge, hub);

    public TestEdge Edge { get; }

    public TestHub Hub { get; }

    public required ManualTimeProvider EdgeTime { get; init; }

    public required ManualTimeProvider HubTime { get; init; }

    public string SourceFile { get; private set; } = "";

    public static async Task<Ward> OpenAsync(bool synchronized = true)
    {
        DateTimeOffset start = TimeProvider.System.GetUtcNow();
        ManualTimeProvider edgeTime = new(start);
        ManualTimeProvider hubTime = new(start);
        Ward ward = new(await TestEdge.StartAsync(edgeTime), await TestHub.StartAsync(hubTime)) { EdgeTime = edgeTime, HubTime = hubTime };
        SourceSettings source = ward.Hub.Ldif("anna");
        ward.SourceFile = source.Path!;
        ward._settings = new HubSettings { Site = "Site", Sources = [source] };
        ward._synchronizer = ward.Hub.Synchronizer(ward._settings);
        ward._topology = new HubTopology(
            ward.Hub.Subscriptions, ward._synchronizer.Leases, new HubServers(ward.Hub.Organization), ward.Hub.Identity, TimeSpan.FromMinutes(5), hubTime, NullLoggerFactory.Instance);
        await ward.Hub.Subscriptions.ImportAsync(await ward.Edge.ExportAsync(), "Site", ward.Edge.Address);
        if (synchronized)
        {
            await ward.SynchronizeAsync();
        }

        return ward;
    }

    /// <summary>A cycle, and a look at hubs and edges as the hub has one every five minutes.</summary>
    public async Task SynchronizeAsync()
    {
        Assert.All(await _synchronizer.StartAsync(new SyncStart()), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
        await _topology.RunOnceAsync();
    }

    public Task<IReadOnlyList<SyncResult>> TrySynchronizeAsync(bool full = false) => _synchronizer.StartAsync(new SyncStart { ByHand = true, Full = full });

    /// <summary>Both clocks go on together.</summary>
    public void Advance(TimeSpan by)
    {
        EdgeTime.Advance(by);
        HubTime.Advance(by);
    }

    public async Task<IReadOnlyList<Finding>> AskHubAsync()
    {
        HubDoctor doctor = new(Hub.Subscriptions, _synchronizer, Hub.Organization, new HubServers(Hub.Organization), Hub.Identity, _settings, HubTime)
        {
            StepPatience = TimeSpan.FromSeconds(2),
        };
        return await doctor.RunAsync(null);
    }

    public Task<IReadOnlyList<Finding>> AskEdgeAsync(params EdgeListener[] listeners) =>
        new EdgeDoctor(Edge.Engine, Edge.Service, Edge.Credentials, Edge.Paths, listeners, EdgeTime).RunAsync();

    /// <summary>The one fault that the hub's doctor finds.</summary>
    public async Task<Finding> OnlyFaultAsync() => OnlyFault(await AskHubAsync());

    public static Finding OnlyFault(IReadOnlyList<Finding> findings)
    {
        Finding fault = Assert.Single(findings, one => one.State is FindingState.Failed or FindingState.Warning);
        Assert.NotEmpty(fault.Cause);
        Assert.NotEmpty(fault.Mend);
        Assert.NotEmpty(fault.Evidence);
        Assert.DoesNotContain(FindingCode.Subject, fault.Mend, StringComparison.Ordinal);
        return fault;
    }

    /// <summary>The edge lies elsewhere now, as the hub knows.</summary>
    public Task DialAsync(string address) => ChangeSubscriptionAsync(new LdapAttribute(PosternAttributes.EdgeAddress, address));

    public async Task ChangeSubscriptionAsync(LdapAttribute attribute) => (await Hub.Organization.ModifyAsync(
        new ModifyRequest(HubSubscriptionEntry.Dn("edge1"), new Modification(ModificationType.Replace, attribute)))).ThrowIfFailed("change");

    /// <summary>On the edge, as nobody but itself may.</summary>
    public async Task ChangeEdgeAsync(string dn, LdapAttribute attribute) => (await Edge.System.ModifyAsync(
        new ModifyRequest(dn, new Modification(ModificationType.Replace, attribute)))).ThrowIfFailed("change");

    /// <summary>The hub's accounts on the edge.</summary>
    public async Task<IReadOnlyList<string>> AccountsAsync() =>
        [.. (await Edge.NamesAsync(EdgeLayout.Accounts)).Where(one => EdgeNames.TryGetHub(one, out _)).Select(one => $"cn={one},{EdgeLayout.Accounts}")];

    /// <summary>The Credential Service has looked before, and sees no reason to make them anew.</summary>
    public async Task ChangeAccountsAsync(LdapAttribute attribute)
    {
        foreach (string dn in await AccountsAsync())
        {
            await ChangeEdgeAsync(dn, attribute);
        }
    }

    /// <summary>Accounts and credentials are gone from the edge, as after a restore of an old backup; what it trusts stays.</summary>
    public async Task ForgetAccountsAsync()
    {
        foreach (string dn in await AccountsAsync())
        {
            (await Edge.System.DeleteAsync(new DelRequest(dn.Replace(EdgeLayout.Accounts, EdgeLayout.Credentials, StringComparison.Ordinal)))).ThrowIfFailed("delete");
        }

        await Edge.Credentials.LookAsync();
    }

    /// <summary>The hub's own entry has no records any more.</summary>
    public async Task ForgetRecordsAsync() => (await Hub.Organization.ModifyAsync(new ModifyRequest(
        HubServers.DnOf(TestHub.Name),
        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeSyncCredential, Array.Empty<ReadOnlyMemory<byte>>()))))).ThrowIfFailed("forget");

    public async ValueTask DisposeAsync()
    {
        _topology.Dispose();
        await _synchronizer.DisposeAsync();
        await Hub.DisposeAsync();
        await Edge.DisposeAsync();
    }
}
