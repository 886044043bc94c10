using System.Globalization;
using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Records;
using Postern.Operations.Synchronization;

namespace Postern.Output;

/// <summary>How answers about synchronization look to people.</summary>
internal static class AnswerTables
{
    /// <summary>Lines of one kind under a table.</summary>
    private const int MaxLines = 20;

    public static void Status(TextWriter output, SyncStatusList list)
    {
        TextTable table = new("EDGE", "TYPE", "LAST SUCCESS", "LAG", "ENTRIES", "HELD", "LEFT OUT", "CONTESTED", "LEASE", "LAST RESULT");
        foreach (SyncStatusReport one in list.Reports)
        {
            table.Row(
                one.Edge, Word(one.Type), Tables.Time(one.LastSynchronizedUtc), one.Lag is { } lag ? Lag(lag) : null, Number(one.Entries), Number(one.HeldDeletes),
                Number(one.LeftOut.Count), Number(one.Contested), one.LeaseHolder is { } holder ? $"{holder} ({Word(one.LeaseType)})" : null, one.LastResult is { } last ? Word(last) : null);
        }

        table.Write(output);
        foreach (SyncStatusReport one in list.Reports)
        {
            string who = $"{one.Edge}, {Word(one.Type)}";
            Line(output, who, one.Failure);
            Line(output, who, one.LastFailure);
            Line(output, who, one.HeldDeletes > 0 ? $"{one.HeldDeletes} held since {Tables.Time(one.HeldSinceUtc)}: {one.HeldReason}" : one.HeldReason);
            Line(output, who, one.RejectedDeletes > 0 ? $"{one.RejectedDeletes} entries keep what they have because that was rejected" : "");
            Line(output, who, one.WholeBecause.Length > 0 ? $"the next cycle reads everything: {one.WholeBecause}" : "");
            foreach (SourceProgress source in one.Sources)
            {
                Line(output, who, $"source {source.Name}: {source.Entries} entries, changes read until {Tables.Time(source.CookieTakenAt) ?? "-"}, compared whole {Tables.Time(source.WholeAt) ?? "never"}");
            }

            Lines(output, who, one.LeftOut, left => $"source {left.Source}, {left.Id}: {left.Reason}{(left.ByEdge ? " (refused by the edge)" : "")}");
        }
    }

    public static void Test(TextWriter output, SyncTestList list)
    {
        foreach (SyncTestResult one in list.Edges)
        {
            Tables.Fields(
                output, ("name", one.Name), ("sync status", Word(one.SyncStatus)), ("lease", one.LeaseHolder is { } holder ? $"{holder} ({Word(one.LeaseType)} until {Tables.Time(one.LeaseExpiryUtc)})" : null),
                ("last synchronized", Tables.Time(one.LastSynchronizedUtc)), ("cookies", Number(one.CookieRecords)), ("details", one.FailureDetail));
            TextTable table = new("PART", "STATUS", "SOURCE", "EDGE", "MISSING", "DIFFERENT", "EXTRA", "HELD", "CONTESTED");
            foreach (PartComparison part in one.Parts)
            {
                table.Row(part.What, Word(part.Status), Number(part.Source), Number(part.Edge), Number(part.Missing), Number(part.Different), Number(part.Extra), Number(part.Held), Number(part.Contested));
            }

            table.Write(output);
            Lines(output, one.Name, one.OutOfSync, object_ => $"{object_.What}, {object_.Id}, source {object_.Source}: {Word(object_.Kind)}");
        }
    }

    public static void Held(TextWriter output, HeldList list)
    {
        if (list.Held.Count == 0)
        {
            output.WriteLine("nothing is held");
            return;
        }

        TextTable table = new("EDGE", "TYPE", "HELD", "OF THEM UPDATES", "REJECTED", "SINCE", "REASON");
        foreach (HeldView one in list.Held)
        {
            table.Row(one.Edge, one.Type, Number(one.Count), Number(one.Updates), Number(one.Rejected), Tables.Time(one.SinceUtc), one.Reason);
        }

        table.Write(output);
    }

    public static void HeldEntries(TextWriter output, HeldEntries held)
    {
        TextTable table = new("ID", "LOSES", "LAST DECISION", "TIME", "SOURCE");
        foreach (HeldEntry one in held.Held)
        {
            table.Row(one.Id, Loss(one), one.LastDecision is { } last ? Word(last.Action) : null, Tables.Time(one.LastDecision?.Time), one.LastDecision?.Source);
        }

        foreach (string id in held.Rejected)
        {
            table.Row(id, null, "rejected", null, null);
        }

        table.Write(output);
    }

    public static void Audit(TextWriter output, AuditVerification result)
    {
        foreach (string fault in result.Faults)
        {
            output.WriteLine(fault);
        }

        string lines = result.Lines == 1 ? "1 line" : $"{result.Lines} lines";
        output.WriteLine(result.Faults.Count switch
        {
            0 => $"{lines}, all as they were written",
            1 => $"{lines}, 1 fault",
            _ => $"{lines}, {result.Faults.Count} faults",
        });
    }

    private static string Loss(HeldEntry one)
    {
        string addresses = one.Addresses switch { 0 => "", 1 => "1 address", _ => $"{Number(one.Addresses)} addresses" };
        const string outside = "mail from outside";
        return one.Deletion ? "everything" : !one.InternalOnly ? addresses : addresses.Length == 0 ? outside : $"{addresses}, {outside}";
    }

    private static void Line(TextWriter output, string who, string text)
    {
        if (text.Length > 0)
        {
            output.WriteLine($"{who}: {text}");
        }
    }

    private static void Lines<T>(TextWriter output, string who, IReadOnlyList<T> all, Func<T, string> text)
    {
        foreach (T one in all.Take(MaxLines))
        {
            output.WriteLine($"{who}: {text(one)}");
        }

        if (all.Count > MaxLines)
        {
            output.WriteLine($"{who}: ... and {all.Count - MaxLines} more; --output json shows them");
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Lag(TimeSpan lag) => lag.TotalMinutes < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, lag.TotalSeconds):0} s")
        : lag.TotalHours < 2 ? string.Create(CultureInfo.InvariantCulture, $"{lag.TotalMinutes:0} min") : string.Create(CultureInfo.InvariantCulture, $"{lag.TotalHours:0} h");

    /// <summary>camelCase, as in JSON.</summary>
    private static string Word<T>(T value)
        where T : struct, Enum
    {
        string text = value.ToString();
        return char.ToLowerInvariant(text[0]) + text[1..];
    }
}
