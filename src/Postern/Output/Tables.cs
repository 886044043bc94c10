using System.Globalization;
using Postern.EdgeSync.Synchronization;
using Postern.Operations.Recipients;
using Postern.Operations.Status;
using Postern.Operations.Synchronization;

namespace Postern.Output;

/// <summary>How each result looks to people.</summary>
public static class Tables
{
    /// <summary>Lines of details under a table.</summary>
    private const int MaxDetails = 10;

    public static void Cycles(TextWriter output, IReadOnlyList<SyncCycleResult> results)
    {
        if (results.Count == 0)
        {
            output.WriteLine("nothing to synchronize: no edge is subscribed");
            return;
        }

        TextTable table = new("EDGE", "TYPE", "RESULT", "ADDED", "UPDATED", "DELETED", "SCANNED", "TARGET", "SECONDS");
        foreach (SyncCycleResult one in results)
        {
            table.Row(
                one.Name, one.Type, one.Result, Number(one.Added), Number(one.Updated), Number(one.Deleted), Number(one.Scanned), Number(one.TargetScanned),
                (one.EndUtc - one.StartUtc).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture));
        }

        table.Write(output);
        foreach (SyncCycleResult one in results)
        {
            if (one.FailureDetails.Length > 0)
            {
                output.WriteLine($"{one.Name}, {one.Type}: {one.FailureDetails}");
            }

            if (one.PlanId is { } plan)
            {
                output.WriteLine($"{one.Name}, {one.Type}: nothing was changed; until {Time(one.PlanExpiresUtc)} this does it: postern sync apply {plan}");
            }

            foreach (PlannedChange change in one.Changes ?? [])
            {
                output.WriteLine($"{one.Name}, {one.Type}: {change.Action.ToString().ToLowerInvariant()} {change.Id} {change.Source} {change.Reason}".TrimEnd());
            }

            // A cycle that went well has nothing to explain; entries without an address are the normal case.
            if (one.Result == "success" && one.Conflicts == 0)
            {
                continue;
            }

            foreach (string detail in one.Details.Take(MaxDetails))
            {
                output.WriteLine($"{one.Name}, {one.Type}: {detail}");
            }

            if (one.Details.Count > MaxDetails)
            {
                output.WriteLine($"{one.Name}, {one.Type}: ... and {one.Details.Count - MaxDetails} more; --output json shows them");
            }
        }
    }

    public static void Lookup(TextWriter output, LookupRecipientResult one) => output.WriteLine($"{one.Verdict}: {one.Address}: {one.Reason}");

    public static void Status(TextWriter output, StatusResult one)
    {
        List<(string, string?)> fields =
        [
            (one.Side, one.Name), ("fqdn", one.Fqdn), ("version", one.Version), ("started", Time(one.StartedUtc)), ("data", one.DataFolder),
        ];
        fields.AddRange(one.Listeners.Select(listener => (listener.Key, (string?)listener.Value)));
        fields.AddRange(one.Subscriptions.Select(subscription => ("subscription", (string?)$"{subscription.Name} ({subscription.State})")));
        fields.AddRange(one.Leases.Select(lease => ("lease", (string?)Describe(lease))));
        fields.AddRange(one.Synchronized.Select(type => ($"{type.Key} of", Time(type.Value))));
        Fields(output, [.. fields]);
    }

    private static string Describe(LeaseStatus lease) => lease.Holder is { } holder
        ? $"{lease.Edge}: {holder}{(lease.IsThis ? " (this hub)" : "")}, {lease.Type} until {Time(lease.ExpiryUtc)}"
        : $"{lease.Edge}: nobody";

    public static void Fields(TextWriter output, params (string Name, string? Value)[] fields)
    {
        int width = fields.Max(field => field.Name.Length);
        foreach ((string name, string? value) in fields.Where(field => !string.IsNullOrEmpty(field.Value)))
        {
            output.WriteLine($"{name.PadRight(width)}  {value}");
        }
    }

    public static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
