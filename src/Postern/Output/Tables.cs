using System.Globalization;
using Postern.Control;
using Postern.Operations.Domains;
using Postern.Operations.Recipients;
using Postern.Operations.Status;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;

namespace Postern.Output;

/// <summary>How each result looks to people.</summary>
public static class Tables
{
    /// <summary>Lines of details under a table.</summary>
    private const int MaxDetails = 10;

    public static void Subscriptions(TextWriter output, IReadOnlyList<SubscriptionView> list)
    {
        if (list.Count == 0)
        {
            output.WriteLine("no subscriptions");
            return;
        }

        TextTable table = new("NAME", "STATE", "FQDN", "ADDRESS", "SITE", "HUB", "SUBSCRIBED");
        foreach (SubscriptionView one in list)
        {
            table.Row(one.Name, one.State, one.Fqdn, one.Address, one.Site, one.Hub, Time(one.SubscribedUtc));
        }

        table.Write(output);
    }

    public static void Subscription(TextWriter output, SubscriptionView one) =>
        Fields(
            output,
            ("name", one.Name),
            ("state", one.State),
            ("fqdn", one.Fqdn),
            ("address", one.Address),
            ("site", one.Site),
            ("hub", one.Hub),
            ("certificate SHA-256", one.CertificateSha256),
            ("subscribed", Time(one.SubscribedUtc)));

    public static void FileWritten(TextWriter output, SubscriptionFileWritten one)
    {
        Fields(
            output,
            ("subscription file", one.File),
            ("edge", $"{one.EdgeName} ({one.EdgeFqdn}:{one.AdamSslPort})"),
            ("certificate SHA-256", one.CertificateSha256),
            ("import it before", Time(one.ExpiresUtc)));
        output.WriteLine();
        output.WriteLine("The file holds a password. Carry it to the hub and import it there, then delete it:");
        output.WriteLine($"  postern subscription import {Path.GetFileName(one.File)} --site NAME --data HUBDIR");
    }

    public static void Imported(TextWriter output, ImportSubscriptionResult one)
    {
        output.WriteLine($"subscribed: {one.Subscription.Name} at {one.Subscription.Address}");
        if (one.Results.Count > 0)
        {
            Cycles(output, one.Results);
        }
    }

    public static void Removed(TextWriter output, SubscriptionRemoved one)
    {
        output.WriteLine($"removed: {one.Name} ({one.AccountsDeleted} accounts and {one.EntriesDeleted} entries deleted on the edge)");
        if (one.Warning is { Length: > 0 })
        {
            output.WriteLine($"  {one.Warning}");
        }
    }

    public static void Domains(TextWriter output, IReadOnlyList<DomainView> list)
    {
        if (list.Count == 0)
        {
            output.WriteLine("no accepted domains");
            return;
        }

        TextTable table = new("NAME", "TYPE");
        foreach (DomainView one in list)
        {
            table.Row(one.Name, one.Type);
        }

        table.Write(output);
    }

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
        fields.AddRange(one.Synchronized.Select(type => ($"{type.Key} of", Time(type.Value))));
        Fields(output, [.. fields]);
    }

    public static void Fields(TextWriter output, params (string Name, string? Value)[] fields)
    {
        int width = fields.Max(field => field.Name.Length);
        foreach ((string name, string? value) in fields.Where(field => !string.IsNullOrEmpty(field.Value)))
        {
            output.WriteLine($"{name.PadRight(width)}  {value}");
        }
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
