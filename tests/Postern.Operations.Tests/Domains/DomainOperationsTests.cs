using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Operations.Domains;
using Postern.Operations.Status;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;
using Postern.Testing;

namespace Postern.Operations.Tests.Domains;

/// <summary>A hub's verbs on an organization directory, without any edge.</summary>
public sealed class DomainOperationsTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private DirectoryEngine _engine = null!;
    private HubOperations _hub = null!;

    public async Task InitializeAsync()
    {
        HubPaths paths = new(_folder["hub"]);
        _engine = PosternDirectories.OpenOrganization(paths, TimeProvider.System, NullLoggerFactory.Instance);
        IDirectory organization = _engine.As(Principal.System);
        HubSettings settings = new() { Site = "site", Sources = [] };
        HubSubscriptions subscriptions = new(organization, paths, "hub1", TimeProvider.System, NullLoggerFactory.Instance);
        await subscriptions.EnsureStructureAsync();
        HubSynchronizer synchronizer = new(subscriptions, organization, settings, TimeProvider.System, NullLoggerFactory.Instance);
        HubSchedule schedule = new(synchronizer, settings, TimeProvider.System, NullLoggerFactory.Instance);
        _hub = new HubOperations("site", subscriptions, schedule, new AcceptedDomains(organization), () => Status);
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_domain_is_added_in_its_normal_form_listed_and_removed()
    {
        DomainView added = await _hub.AddDomainAsync(new AddDomain("MÜNSTER.example", "authoritative"), default);
        DomainList there = await _hub.ListDomainsAsync(default);
        DomainView removed = await _hub.RemoveDomainAsync(new RemoveDomain("münster.EXAMPLE"), default);
        DomainList gone = await _hub.ListDomainsAsync(default);

        Assert.Equal(new DomainView("xn--mnster-3ya.example", "authoritative"), added);
        Assert.Equal(added, Assert.Single(there.Domains));
        Assert.Equal(added, removed);
        Assert.Empty(gone.Domains);
    }

    [Fact]
    public async Task A_domain_that_is_there_is_a_conflict()
    {
        await _hub.AddDomainAsync(new AddDomain("example.com", "authoritative"), default);

        OperationException failure = await Assert.ThrowsAsync<OperationException>(() => _hub.AddDomainAsync(new AddDomain("example.com", "internalRelay"), default));

        Assert.Equal(FailureCategory.Conflict, failure.Category);
    }

    [Theory]
    [InlineData("no domain", "authoritative")]
    [InlineData("example.com", "sometimes")]
    [InlineData("", "authoritative")]
    public async Task What_is_no_domain_or_no_type_is_a_bad_request(string name, string type)
    {
        OperationException failure = await Assert.ThrowsAsync<OperationException>(() => _hub.AddDomainAsync(new AddDomain(name, type), default));

        Assert.Equal(FailureCategory.BadRequest, failure.Category);
        Assert.NotEmpty(failure.Hint);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        OperationException domain = await Assert.ThrowsAsync<OperationException>(() => _hub.RemoveDomainAsync(new RemoveDomain("example.com"), default));
        OperationException shown = await Assert.ThrowsAsync<OperationException>(() => _hub.ShowSubscriptionAsync(new NamedSubscription("edge1"), default));
        OperationException synced = await Assert.ThrowsAsync<OperationException>(() => _hub.StartSyncAsync(new StartSync("edge1", false, false), null, default));

        Assert.Equal("noSuchDomain", domain.Code);
        Assert.Equal("noSuchSubscription", shown.Code);
        Assert.Equal("noSuchSubscription", synced.Code);
    }

    private static StatusResult Status { get; } = new(
        "hub", "hub1", "hub1.example.com", "0", DateTimeOffset.UnixEpoch, "/", new Dictionary<string, string>(), [], new Dictionary<string, DateTimeOffset>());
}
