namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>One step of a history. Steps speak of slots and addresses by number, and one that does not apply where the world stands does
/// nothing: so a history stays a history when steps are dropped from it.</summary>
internal abstract record Step
{
    /// <summary>Somebody new, with these addresses. Where the slot is taken: its addresses become these.</summary>
    internal sealed record Write(int Slot, IReadOnlyList<int> Addresses, int Spelling) : Step
    {
        public override string ToString() => $"Write {Slot} [{string.Join(' ', Addresses)}]";
    }

    internal sealed record AddAddress(int Slot, int Address) : Step;

    internal sealed record RemoveAddress(int Slot, int Address) : Step;

    /// <summary>Something that is nobody's business outside.</summary>
    internal sealed record Touch(int Slot) : Step;

    internal sealed record Rename(int Slot) : Step;

    /// <summary>Out of the subtree that is read, or back into it.</summary>
    internal sealed record Move(int Slot) : Step;

    /// <summary>The filter lets it pass no more, or again.</summary>
    internal sealed record Disable(int Slot) : Step;

    internal sealed record Delete(int Slot) : Step;

    /// <summary>Deleted and made anew under the same name, with the same addresses: another object.</summary>
    internal sealed record Recreate(int Slot) : Step;

    /// <summary>Two objects change addresses with each other. Two changes of the source, or one where it has transactions.</summary>
    internal sealed record Swap(int Slot, int Other) : Step;

    /// <summary>One address goes from an object to another in one change of the source.</summary>
    internal sealed record Hand(int Slot, int Other) : Step;

    /// <summary>A container below the base gets another name.</summary>
    internal sealed record RenameUnit : Step;

    /// <summary>A container with all in it leaves the subtree, or comes back.</summary>
    internal sealed record MoveUnit : Step;

    internal sealed record Cycle(Fault Fault) : Step;

    /// <summary>Another process: nothing is remembered but what is on disk.</summary>
    internal sealed record RestartHub : Step;

    internal sealed record RestartEdge : Step;

    /// <summary>The source stops and starts again.</summary>
    internal sealed record RestartSource(int Source) : Step;

    /// <summary>The source does not answer old cookies any more.</summary>
    internal sealed record ForgetCookies(int Source) : Step;

    /// <summary>The source takes a backup of itself, or goes back to the one it has.</summary>
    internal sealed record RestoreSource(int Source) : Step;

    internal sealed record JumpClock(int Hours) : Step;
}

internal enum FaultKind
{
    None,

    /// <summary>The source fails when it is asked.</summary>
    SourceDown,

    /// <summary>The source fails after that many entries.</summary>
    SourceCut,

    /// <summary>The session with the edge is gone before that call arrives.</summary>
    EdgeCutBefore,

    /// <summary>The session with the edge is gone after that call was done, before its answer.</summary>
    EdgeCutAfter,

    /// <summary>The cycle is cancelled at that call.</summary>
    Cancel,

    /// <summary>Somebody changes the source while it is read, after that many entries.</summary>
    ChangeWhileRead,
}

/// <param name="At">Which entry or call, from 0.</param>
/// <param name="Source">Of the sources, for faults of one.</param>
/// <param name="Change">What happens to the source meanwhile.</param>
internal sealed record Fault(FaultKind Kind, int At = 0, int Source = 0, Step? Change = null)
{
    public static Fault None { get; } = new(FaultKind.None);

    public override string ToString() => Kind == FaultKind.None ? "-" : $"{Kind} at {At} of {Source}{(Change is null ? "" : $": {Change}")}";
}
