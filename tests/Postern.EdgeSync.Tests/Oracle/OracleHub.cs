using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>The engine of one hub's life with its sources: the one place of the oracle that knows how a cycle is started.</summary>
internal sealed class OracleHub(IReadOnlyList<ISource> sources, AddressHashKey key, TimeProvider time) : IAsyncDisposable
{
    /// <summary>As small as can be: so that cuts fall between all that can be cut apart.</summary>
    private static readonly BatchLimits Limits = new(MaxOperations: 2, MaxBytes: 4096, Window: 2);

    private static readonly RecipientMap Map = new() { Addresses = ["proxyAddresses", "mail"] };

    /// <returns>As the engine reports it; failures of the source or the edge as their outcome.</returns>
    public async Task<(SyncOutcome Outcome, string Details)> CycleAsync(IDirectory target, bool approve, CancellationToken cancellationToken)
    {
        try
        {
            CycleEnd end = await Cycle(target, approve, null).RunAsync(cancellationToken);
            if (end.Again is not null && end.Outcome == SyncOutcome.Success)
            {
                end = await Cycle(target, approve, end.State).RunAsync(cancellationToken);
            }

            return (end.Outcome, end.Details);
        }
        catch (Exception e) when (e is not OracleException)
        {
            return SyncFailures.Explain(e, "edge1", connected: true, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ISource source in sources)
        {
            await source.DisposeAsync();
        }
    }

    private SyncCycle Cycle(IDirectory target, bool approve, EdgeState? known) =>
        new(target, Content(), new SyncStart { ApproveDeletes = approve }, Limits, new CycleLimits(), time, "HUB1", (_, _) => { }) { Known = known };

    private SyncContent Content() => new(
        EdgeLayout.RecipientsState,
        "recipients",
        [SyncPart.Recipients],
        [.. sources.Select(source => new SyncSource(source, () => new RecipientProjection(new SourceSettings { Name = source.Name, Type = SourceType.Ldif, Map = Map }, key), "1"))],
        new DeleteGuard(1, int.MaxValue, HoldWhenEmpty: true));
}
