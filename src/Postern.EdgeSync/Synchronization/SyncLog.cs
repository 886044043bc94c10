using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Synchronization;

internal static partial class SyncLog
{
    [LoggerMessage(3201, LogLevel.Information, "Edge {Edge}, {Type}: {Added} added, {Updated} updated, {Deleted} deleted of {Scanned} scanned in {Seconds:0.000} s")]
    public static partial void Done(ILogger log, string edge, SyncType type, long added, long updated, long deleted, long scanned, double seconds);

    [LoggerMessage(3202, LogLevel.Error, "Edge {Edge}, {Type}: {Outcome}: {Details}")]
    public static partial void Failed(ILogger log, string edge, SyncType type, SyncOutcome outcome, string details);

    [LoggerMessage(3203, LogLevel.Error, "Edge {Edge}, {Type}: unexpected failure")]
    public static partial void Unexpected(ILogger log, Exception exception, string edge, SyncType type);

    [LoggerMessage(3204, LogLevel.Warning, "{Type}: next attempt in {Delay}")]
    public static partial void BackOff(ILogger log, SyncType type, TimeSpan delay);

    [LoggerMessage(3209, LogLevel.Error, "The list of subscriptions cannot be read")]
    public static partial void NoTopology(ILogger log, Exception exception);

    [LoggerMessage(3208, LogLevel.Warning, "Source {Source} does not ring")]
    public static partial void NoBell(ILogger log, Exception exception, string source);

    [LoggerMessage(3206, LogLevel.Debug, "Edge {Edge}, {Type}: {Details}")]
    public static partial void LeftToOther(ILogger log, string edge, SyncType type, string details);

    [LoggerMessage(3210, LogLevel.Warning, "Edge {Edge}, {Type}: {Held} deletions and losses are held: {Details}")]
    public static partial void Held(ILogger log, string edge, SyncType type, long held, string details);

    [LoggerMessage(3211, LogLevel.Information, "Edge {Edge}, {Type}: a dry run would add {Added}, update {Updated} and delete {Deleted}")]
    public static partial void Planned(ILogger log, string edge, SyncType type, long added, long updated, long deleted);

    [LoggerMessage(3207, LogLevel.Information, "Edge {Edge}, {Type}: everything is compared: {Because}")]
    public static partial void WholeCompare(ILogger log, string edge, SyncType type, string because);

    [LoggerMessage(3205, LogLevel.Error, "{Type}: the cycle could not be started")]
    public static partial void NotStarted(ILogger log, Exception exception, SyncType type);
}
