using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Subscriptions;

/// <summary>Imports that fail after the edge has taken the replication account for good: nothing is undone, the next session goes on.</summary>
public sealed class LateFailureTests
{
    [Fact]
    public async Task Organization_directory_that_refuses_after_the_first_logon_costs_no_new_file()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        RefusingDirectory organization = new(hub.Organization);
        HubSubscriptions subscriptions = new(organization, hub.Paths, hub.Identity, TimeProvider.System, NullLoggerFactory.Instance);
        SubscriptionFile file = await edge.ExportAsync();

        // From the moment on when the edge calls itself subscribed.
        organization.Refuses = async _ => (await edge.Service.FindAsync())?.State == SubscriptionState.Subscribed;
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("has taken this hub in", e.Message, StringComparison.Ordinal);
        Assert.Contains("finishes it", e.Hint, StringComparison.Ordinal);
        Assert.True(organization.Refused > 0);
        HubSubscription pairing = Assert.Single(await subscriptions.ListAsync());
        Assert.Equal(SubscriptionState.Pairing, pairing.State);

        organization.Refuses = null;
        await using (LdapConnection session = await subscriptions.OpenAsync(pairing, CancellationToken.None))
        {
            Assert.Contains("ESRA.edge.HUB1.0", await session.WhoAmIAsync(), StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(SubscriptionState.Subscribed, Assert.Single(await subscriptions.ListAsync()).State);
        Assert.Null((await subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None)).Bootstrap);
        Assert.Equal(["ESRA.edge.HUB1.0", "HUB1"], (await edge.NamesAsync(EdgeLayout.Credentials)).Order(StringComparer.Ordinal));
        Assert.All(await hub.Synchronizer(hub.Ldif("anna")).StartAsync(new SyncStart()), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
    }

    [Fact]
    public async Task Import_that_the_edge_refuses_leaves_the_hub_as_it_was()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        string[] before = await hub.CredentialsAsync();
        SubscriptionFile wrong = await edge.ExportAsync(force: true) with { EsraPassword = "wrong" };
        await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(wrong, "Site", edge.Address));
        Assert.Equal(before, await hub.CredentialsAsync());
        Assert.Equal(SubscriptionState.Subscribed, Assert.Single(await hub.Subscriptions.ListAsync()).State);
    }

    /// <summary>A directory that cannot be written for a while.</summary>
    private sealed class RefusingDirectory(IDirectory inner) : IDirectory
    {
        public Func<string, Task<bool>>? Refuses { get; set; }

        public int Refused { get; private set; }

        public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) => inner.SearchAsync(request, cancellationToken);

        public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) => inner.CompareAsync(request, cancellationToken);

        public async Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) =>
            await RefuseAsync(request.Dn) ?? await inner.AddAsync(request, cancellationToken);

        public async Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) =>
            await RefuseAsync(request.Dn) ?? await inner.ModifyAsync(request, cancellationToken);

        public async Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) =>
            await RefuseAsync(request.Dn) ?? await inner.DeleteAsync(request, cancellationToken);

        public async Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) =>
            await RefuseAsync(request.Dn) ?? await inner.ModifyDnAsync(request, cancellationToken);

        public async Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) =>
            await RefuseAsync(operations[0].Dn) is { } refused ? new BatchResult(refused, 0) : await inner.BatchAsync(operations, cancellationToken);

        private async Task<LdapResult?> RefuseAsync(string dn)
        {
            if (Refuses is not { } refuses || !await refuses(dn))
            {
                return null;
            }

            Refused++;
            return new LdapResult(LdapResultCode.UnwillingToPerform, "read only for a while");
        }
    }
}
