using Postern.EdgeSync.Leases;
using Postern.Operations.Status;

namespace Postern.Operations.Hubs;

/// <summary>Leases in the words of a status.</summary>
public static class LeaseWords
{
    public static LeaseStatus View(LeaseView one) => new(
        one.Edge,
        one.Holder,
        one.IsOurs,
        one.Holder is null ? "none" : one.LockUntil is null ? "option" : "lock",
        one.LockUntil ?? one.OptionUntil,
        one.OptionUntil,
        one.Fence,
        one.SeenUtc);
}
