namespace Postern.EdgeSync.Synchronization.State;

/// <summary>What an edge knows of the synchronization of one type, as a hub has read it or left it there.</summary>
/// <param name="Exists">Whether there is a state entry.</param>
/// <param name="Generation">Of the entry; null: written by a version that did not count.</param>
/// <param name="Document">May be ahead of the edge in cookies, never in anything else.</param>
/// <param name="LastSync">As the edge has it.</param>
internal sealed record EdgeState(bool Exists, long? Generation, StateDocument Document, DateTimeOffset? LastSync, HeldIds Held)
{
    public static EdgeState None { get; } = new(false, null, new StateDocument(), null, HeldIds.None);
}
