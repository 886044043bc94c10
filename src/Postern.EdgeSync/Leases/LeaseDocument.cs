using System.Text.Json;

namespace Postern.EdgeSync.Leases;

/// <summary>What posternEdgeSyncLease says, as UTF-8 JSON. Times are by the holder's clock.</summary>
/// <param name="Version">Of this form. Later ones add members and raise it only when an older hub must not take the lease for free.</param>
/// <param name="Holder">Name of the hub.</param>
/// <param name="Process">Made anew by each start of a hub: one that was killed takes its own lease again at once, and a fence further.</param>
/// <param name="LockUntil">Null: the holder gave the lock back and keeps the option.</param>
/// <param name="LockSeconds">The length of its locks: who sees the same lease for so long by its own clock knows that the holder is gone.</param>
internal sealed record LeaseDocument(
    int Version, string Holder, string Process, DateTimeOffset? LockUntil, DateTimeOffset OptionUntil, double LockSeconds, double OptionSeconds)
{
    public const int CurrentVersion = 1;

    /// <summary>Octets; what is longer was not written by a hub.</summary>
    private const int MaxOctets = 4096;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <returns>Null when it is nothing a hub wrote: then nobody holds the lease.</returns>
    public static LeaseDocument? Read(ReadOnlySpan<byte> octets)
    {
        try
        {
            return octets.Length <= MaxOctets && JsonSerializer.Deserialize<LeaseDocument>(octets, Json) is { Holder.Length: > 0, Process: not null } document
                && double.IsFinite(document.LockSeconds) && document.LockSeconds > 0 && double.IsFinite(document.OptionSeconds) && document.OptionSeconds > 0
                ? document
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
