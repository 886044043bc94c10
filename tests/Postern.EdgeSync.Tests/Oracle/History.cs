using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>Runs one history and looks at the edge at every moment of it.</summary>
internal sealed class History(World world, IReadOnlyList<ISourceWorld> sources, OracleEdge edge, ManualClock clock) : IAsyncDisposable
{
    /// <summary>Cycles without a fault until edge and sources must be equal.</summary>
    private const int Patience = 4;

    private readonly Expectations _expectations = new(world, edge.Key.ToBytes());
    private OracleHub? _hub;

    /// <summary>The sources changed; a change that is atomic there is one call.</summary>
    public void Changed() => _expectations.Changed();

    /// <exception cref="OracleException">The edge is not as it must be.</exception>
    public async Task RunAsync(IReadOnlyList<Step> steps)
    {
        await edge.WipeAsync();
        _expectations.Settled(new Dictionary<string, string[]>());
        foreach (Step step in steps)
        {
            await RunAsync(step);
        }

        await SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        foreach (ISourceWorld source in sources)
        {
            await source.DisposeAsync();
        }
    }

    private async Task RunAsync(Step step)
    {
        switch (step)
        {
            case Step.Cycle { Fault.Kind: FaultKind.None }:
                await SettleAsync();
                break;
            case Step.Cycle cycle:
                await CycleAsync(cycle.Fault, approve: false);
                break;
            case Step.RestartHub:
                await RestartHubAsync();
                break;
            case Step.RestartEdge:
                await edge.RestartAsync();
                _hub?.Forget();
                break;
            case Step.RestartSource restart:
                await sources[restart.Source].RestartAsync();
                break;
            case Step.ForgetCookies forget:
                sources[forget.Source].ForgetCookies();
                break;
            case Step.RestoreSource restore:
                await sources[restore.Source].RestoreAsync();
                break;
            case Step.JumpClock jump:
                clock.Jump(TimeSpan.FromHours(jump.Hours));
                break;
            default:
                await ChangeAsync(step);
                break;
        }
    }

    private async Task ChangeAsync(Step step)
    {
        if (step is Step.RenameUnit or Step.MoveUnit)
        {
            await MoveUnitAsync(step is Step.MoveUnit);
            return;
        }

        List<(Person? Before, Person? After)> changes = world.Plan(step);
        foreach (IGrouping<int, (Person? Before, Person? After)> one in changes.GroupBy(change => world.SourceOf((change.Before ?? change.After)!.Slot)))
        {
            await sources[one.Key].ApplyAsync([.. one]);
        }
    }

    private async Task MoveUnitAsync(bool away)
    {
        if (away)
        {
            world.MoveUnit();
        }
        else
        {
            world.RenameUnit();
        }

        foreach (ISourceWorld source in sources)
        {
            await (away ? source.MoveUnitAsync() : source.RenameUnitAsync());
        }

        Changed();
    }

    private async Task SettleAsync()
    {
        string last = "";
        for (int i = 0; i < Patience; i++)
        {
            (SyncOutcome outcome, string details) = await CycleAsync(Fault.None, approve: i > 0, full: world.Shape.SettlesByWholeCompares);
            if (outcome == SyncOutcome.Success)
            {
                _expectations.Settled(await edge.ContentAsync());
                return;
            }

            last = $"{outcome}: {details}";
        }

        throw new OracleException($"{Patience} cycles without a fault did not end well; the last one: {last}");
    }

    private async Task<(SyncOutcome Outcome, string Details)> CycleAsync(Fault fault, bool approve, bool full = false)
    {
        bool changed = false;
        foreach (ISourceWorld source in sources)
        {
            source.Arm(fault, async step =>
            {
                changed = true;
                await ChangeAsync(step);
            });
        }

        OracleException? broken = null;
        using CancellationTokenSource cancel = new();
        _hub ??= new OracleHub([.. sources.Select(source => source.Open())], edge.Key, clock, world.Shape);
        SyncOutcome outcome;
        string details;
        await using (CutDirectory target = new(edge.Target, fault, cancel, Before, After))
        {
            (outcome, details) = await _hub.CycleAsync(target, approve, full, cancel.Token);
        }

        if (broken is not null)
        {
            throw broken;
        }

        if (outcome == SyncOutcome.Success && !changed && (full || !world.Shape.SettlesByWholeCompares))
        {
            _expectations.Settled(await edge.ContentAsync());
        }

        return (outcome, details);

        // Kept, because the engine takes an exception of its edge for a failure of the edge.
        void Before(IReadOnlyList<IUpdateOperation> operations) => Check(() => _expectations.Deletes(operations, sources.Any(source => source.ReadToItsEnd)));

        async Task After()
        {
            Dictionary<string, string[]> content = await edge.ContentAsync();
            Check(() => _expectations.AnyTime(content));
        }

        void Check(Action check)
        {
            try
            {
                check();
            }
            catch (OracleException e)
            {
                broken ??= e;
            }
        }
    }

    private async Task RestartHubAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
            _hub = null;
        }
    }
}
