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
internal sealed class OracleHub(IReadOnlyList<ISource> sources, AddressHashKey key, TimeProvider time, HistoryShape shape) : IAsyncDisposable
{
    /// <summary>As small as can be: so that cuts fall between all that can be cut apart.</summary>
    private static readonly BatchLimits Limits = new(MaxOperations: 2, MaxBytes: 4096, Window: 2);

    private static readonly RecipientMap Map = new() { Addresses = ["proxyAddresses", "mail"] };

    /// <summary>As the hub left it, while its session stands.</summary>
    private EdgeState? _known;

    /// <returns>As the engine reports it; failures of the source or the edge as their outcome.</returns>
    public async Task<(SyncOutcome Outcome, string Details)> CycleAsync(IDirectory target, bool approve, bool full, CancellationToken cancellationToken)
    {
        try
        {
            for (int again = 0; ; again++)
            {
                SyncCycle cycle = new(target, Content(), new SyncStart { ApproveHeld = approve, Full = full }, Limits, new CycleLimits(), time, "HUB1", (_, _) => { }) { Known = _known };
                CycleEnd end;
                try
                {
                    end = await cycle.RunAsync(cancellationToken);
                }
                catch (StateChangedException) when (again == 0)
                {
                    _known = null;
                    continue;
                }

                _known = end.State;
                if (end.Again is null || again > 0)
                {
                    return (end.Outcome, end.Details);
                }
            }
        }
        catch (Exception e) when (e is not OracleException)
        {
            // What was sent and not answered may be there or not.
            _known = null;
            return SyncFailures.Explain(e, "edge1", connected: true, cancellationToken);
        }
    }

    /// <summary>The next session begins.</summary>
    public void Forget() => _known = null;

    public async ValueTask DisposeAsync()
    {
        foreach (ISource source in sources)
        {
            await source.DisposeAsync();
        }
    }

    private SyncContent Content() => new(
        EdgeLayout.RecipientsState,
        "recipients",
        [SyncPart.Recipients],
        [.. sources.Select(source => new SyncSource(source, () => new RecipientProjection(new SourceSettings { Name = source.Name, Type = SourceType.Ldap, Map = Map }, key), "1"))],
        shape.Guard ? new DeleteGuard(0.3, 2, HoldWhenEmpty: true) : new DeleteGuard(1, int.MaxValue, HoldWhenEmpty: true));
}
