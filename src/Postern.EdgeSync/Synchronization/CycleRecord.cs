using System.Text.Json;
using Postern.EdgeSync.Records;

namespace Postern.EdgeSync.Synchronization;

/// <summary>A cycle as a line of the EdgeSync log, and one line more for each object that it left out.</summary>
internal static class CycleRecord
{
    public static string TypeName(SyncType type) => type == SyncType.Configuration ? "configuration" : "recipients";

    public static string OutcomeName(SyncOutcome outcome) => JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());

    public static void Write(EdgeSyncLog? log, string cycle, SyncResult result)
    {
        EdgeSyncLogLevel level = LevelOf(result);
        if (log is null || !log.Writes(level))
        {
            return;
        }

        string type = TypeName(result.Type);
        log.Write(level, "cycle", json =>
        {
            json.WriteString("cycle", cycle);
            json.WriteString("edge", result.Name);
            json.WriteString("type", type);
            json.WriteString("result", OutcomeName(result.Result));
            if (result.FailureDetails.Length > 0)
            {
                json.WriteString("details", result.FailureDetails);
            }

            json.WriteString("start", result.StartUtc.UtcDateTime);
            json.WriteNumber("seconds", Math.Round((result.EndUtc - result.StartUtc).TotalSeconds, 6));
            json.WriteNumber("added", result.Added);
            json.WriteNumber("updated", result.Updated);
            json.WriteNumber("deleted", result.Deleted);
            json.WriteNumber("held", result.DeletesHeld);
            json.WriteNumber("scanned", result.Scanned);
            json.WriteNumber("targetScanned", result.TargetScanned);
            json.WriteNumber("skipped", result.Skipped);
            json.WriteNumber("conflicts", result.Conflicts);
            json.WriteStartArray("readWhole");
            foreach (string whole in result.ReadWhole)
            {
                json.WriteStringValue(whole);
            }

            json.WriteEndArray();
        });
        foreach (string detail in result.Details)
        {
            log.Write(EdgeSyncLogLevel.Medium, "object", json =>
            {
                json.WriteString("cycle", cycle);
                json.WriteString("edge", result.Name);
                json.WriteString("type", type);
                json.WriteString("details", detail);
            });
        }
    }

    private static EdgeSyncLogLevel LevelOf(SyncResult result) => result.Result switch
    {
        SyncOutcome.Success when result.Added + result.Updated + result.Deleted + result.ReadWhole.Count == 0 => EdgeSyncLogLevel.High,
        SyncOutcome.HeldByOtherHub => EdgeSyncLogLevel.High,
        SyncOutcome.Success or SyncOutcome.PendingChanges => EdgeSyncLogLevel.Medium,
        _ => EdgeSyncLogLevel.Low,
    };
}
