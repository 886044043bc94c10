using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.EdgeSync.Tests.Testbed;

namespace Postern.EdgeSync.Tests.Subscriptions;

/// <summary>An edge has one organization and one site; two would delete each other's accounts and recipients.</summary>
public sealed class EdgeOwnerTests
{
    [Fact]
    public async Task Edge_of_one_organization_is_refused_to_another_until_it_is_given_up()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub mine = await TestHub.StartAsync();
        await using TestHub other = await TestHub.StartAsync();
        HubSynchronizer synchronizer = mine.Synchronizer(mine.Ldif("anna", "ben"));
        await mine.Subscriptions.ImportAsync(await edge.ExportAsync(), "Berlin", edge.Address);
        await synchronizer.StartAsync(new SyncStart());

        SubscriptionFile file = await edge.ExportAsync(force: true);
        SubscriptionException refused = await Assert.ThrowsAsync<SubscriptionException>(() => other.Subscriptions.ImportAsync(file, "Paris", edge.Address));
        Assert.Contains("site Berlin of another organization", refused.Message, StringComparison.Ordinal);
        Assert.Contains("postern subscription remove edge1", refused.Hint, StringComparison.Ordinal);
        Assert.Empty(await other.Subscriptions.ListAsync());
        Assert.Equal(["ESRA.edge1"], await edge.NamesAsync(Mail.EdgeLayout.Accounts));
        Assert.Equal(2, (await edge.RecipientsAsync()).Count);

        // The owner goes on.
        await mine.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Berlin", edge.Address);
        Assert.All(await synchronizer.StartAsync(new SyncStart()), result => Assert.Equal((SyncOutcome.Success, 0L, 0L), (result.Result, result.Added, result.Deleted)));

        // Given up on the edge, it is the other's, and refused to the first.
        await edge.Service.RemoveAsync("edge1");
        await other.Subscriptions.ImportAsync(await edge.ExportAsync(), "Paris", edge.Address);
        await other.Synchronizer(other.Ldif("zoe")).StartAsync(new SyncStart());
        file = await edge.ExportAsync(force: true);
        refused = await Assert.ThrowsAsync<SubscriptionException>(() => mine.Subscriptions.ImportAsync(file, "Berlin", edge.Address));
        Assert.Contains("site Paris of another organization", refused.Message, StringComparison.Ordinal);
        Assert.Single(await edge.RecipientsAsync());
    }

    [Fact]
    public async Task Edge_given_up_by_its_hub_may_go_to_another_organization()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub mine = await TestHub.StartAsync();
        await using TestHub other = await TestHub.StartAsync();
        await mine.Subscriptions.ImportAsync(await edge.ExportAsync(), "Berlin", edge.Address);
        await mine.Subscriptions.RemoveAsync("edge1");
        await other.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Paris", edge.Address);
        Assert.Single(await other.Subscriptions.ListAsync());
    }

    [Fact]
    public async Task Edge_of_one_site_is_refused_to_another_site_until_it_is_removed_there()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub home = await TestHub.StartAsync();
        using SiteHub berlin = new("HUB1", home.Organization, TimeProvider.System, "Berlin");
        using SiteHub paris = new("HUB2", home.Organization, TimeProvider.System, "Paris");
        await berlin.Subscriptions.ImportAsync(await edge.ExportAsync(), "Berlin", edge.Address);
        SubscriptionFile file = await edge.ExportAsync(force: true);
        SubscriptionException refused = await Assert.ThrowsAsync<SubscriptionException>(() => paris.Subscriptions.ImportAsync(file, "Paris", edge.Address));
        Assert.Contains("belongs to site Berlin of this organization", refused.Message, StringComparison.Ordinal);
        Assert.Contains("postern subscription remove edge1", refused.Hint, StringComparison.Ordinal);

        // The file was not used up.
        await berlin.Subscriptions.ImportAsync(file, "Berlin", edge.Address);
        await berlin.Subscriptions.RemoveAsync("edge1");
        await paris.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Paris", edge.Address);
        Assert.Empty(await berlin.Subscriptions.ListAsync());
        Assert.Equal("Paris", Assert.Single(await paris.Subscriptions.ListAsync()).Site);
    }
}
