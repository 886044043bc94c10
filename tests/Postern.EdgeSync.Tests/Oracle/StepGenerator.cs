namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>How large a history's world is, and what may happen in it.</summary>
internal sealed record HistoryShape
{
    /// <summary>Objects that can exist at a time, divided among the sources in turn.</summary>
    public int Slots { get; init; } = 8;

    /// <summary>Few, so that they are fought over.</summary>
    public int Addresses { get; init; } = 10;

    public int Sources { get; init; } = 1;

    public int Steps { get; init; } = 40;

    public bool Units { get; init; }

    /// <summary>Cookies may be forgotten, and backups restored, by the source.</summary>
    public bool SourceLosesHistory { get; init; } = true;

    public bool ChangeWhileRead { get; init; } = true;

    /// <summary>Who has a contested address keeps it.</summary>
    public bool OwnersKeep { get; init; } = true;

    /// <summary>An address that goes from one object to another in one change of the source is known all the time.</summary>
    public bool HandedAtOnce { get; init; } = true;

    /// <summary>The source does not tell everything that changes: what it keeps back comes with a comparison of everything.</summary>
    public bool SettlesByWholeCompares { get; init; }

    /// <summary>Deletions are held above a share.</summary>
    public bool Guard { get; init; }
}

/// <summary>Makes the same history of the same seed.</summary>
internal static class StepGenerator
{
    public static List<Step> Make(int seed, HistoryShape shape)
    {
        Random random = new(seed);
        List<Step> steps = [];
        for (int i = random.Next(shape.Slots + 1); i > 0; i--)
        {
            steps.Add(Write(random, shape));
        }

        steps.Add(new Step.Cycle(Fault.None));
        while (steps.Count < shape.Steps)
        {
            steps.Add(Next(random, shape));
        }

        return steps;
    }

    private static Step Next(Random random, HistoryShape shape)
    {
        int sort = random.Next(100);
        return sort switch
        {
            < 62 => Change(random, shape),
            < 84 => new Step.Cycle(NextFault(random, shape)),
            < 88 => new Step.RestartHub(),
            < 90 => new Step.RestartEdge(),
            < 93 => new Step.RestartSource(random.Next(shape.Sources)),
            < 95 when shape.SourceLosesHistory => new Step.ForgetCookies(random.Next(shape.Sources)),
            < 97 when shape.SourceLosesHistory => new Step.RestoreSource(random.Next(shape.Sources)),
            _ => new Step.JumpClock(random.Next(-30, 31)),
        };
    }

    private static Step Change(Random random, HistoryShape shape)
    {
        int slot = random.Next(shape.Slots);
        int other = random.Next(shape.Slots);
        return random.Next(100) switch
        {
            < 20 => Write(random, shape),
            < 36 => new Step.AddAddress(slot, random.Next(shape.Addresses)),
            < 48 => new Step.RemoveAddress(slot, random.Next(shape.Addresses)),
            < 51 => new Step.Touch(slot),
            < 55 => new Step.Rename(slot),
            < 62 => new Step.Move(slot),
            < 68 => new Step.Disable(slot),
            < 76 => new Step.Delete(slot),
            < 82 => new Step.Recreate(slot),
            < 90 => new Step.Swap(slot, other),
            < 96 => new Step.Hand(slot, other),
            < 98 when shape.Units => new Step.RenameUnit(),
            _ when shape.Units => new Step.MoveUnit(),
            _ => new Step.Touch(slot),
        };
    }

    private static Step.Write Write(Random random, HistoryShape shape) => new(
        random.Next(shape.Slots),
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(shape.Addresses)).Distinct()],
        random.Next(1000));

    private static Fault NextFault(Random random, HistoryShape shape)
    {
        int source = random.Next(shape.Sources);
        return random.Next(10) switch
        {
            < 4 => Fault.None,
            4 => new Fault(FaultKind.SourceDown, 0, source),
            5 => new Fault(FaultKind.SourceCut, random.Next(shape.Slots), source),
            6 => new Fault(FaultKind.EdgeCutBefore, random.Next(6)),
            7 => new Fault(FaultKind.EdgeCutAfter, random.Next(6)),
            8 => new Fault(FaultKind.Cancel, random.Next(6)),
            _ when shape.ChangeWhileRead => new Fault(FaultKind.ChangeWhileRead, random.Next(shape.Slots), source, Change(random, shape)),
            _ => Fault.None,
        };
    }
}
