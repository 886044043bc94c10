namespace Postern.EdgeSync.Synchronization.State;

/// <summary>What an entry of the edge would lose: all of it, or a part.</summary>
/// <param name="IsDeletion">The entry goes, with whatever it has.</param>
/// <param name="Addresses">Of an entry that stays: how many it gives up that no other entry takes.</param>
/// <param name="Outside">Of an entry that stays: it would take mail from inside only.</param>
internal readonly record struct Loss(bool IsDeletion, int Addresses, bool Outside)
{
    public static Loss Everything { get; } = new(true, 0, false);

    /// <summary>Whether who agreed to this has agreed to the other one.</summary>
    public bool Covers(Loss other) => IsDeletion || (!other.IsDeletion && other.Addresses <= Addresses && (Outside || !other.Outside));
}
