using Postern.Control;
using Postern.Operations.Subscriptions;

namespace Postern.Output;

/// <summary>How subscriptions look to people.</summary>
internal static class SubscriptionTables
{
    public static void List(TextWriter output, IReadOnlyList<SubscriptionView> list)
    {
        if (list.Count == 0)
        {
            output.WriteLine("no subscriptions");
            return;
        }

        TextTable table = new("NAME", "STATE", "FQDN", "ADDRESS", "SITE", "HUB", "SUBSCRIBED");
        foreach (SubscriptionView one in list)
        {
            table.Row(one.Name, one.State, one.Fqdn, one.Address, one.Site, one.Hub, Tables.Time(one.SubscribedUtc));
        }

        table.Write(output);
    }

    public static void Show(TextWriter output, SubscriptionView one) =>
        Tables.Fields(
            output,
            ("name", one.Name),
            ("state", one.State),
            ("fqdn", one.Fqdn),
            ("address", one.Address),
            ("site", one.Site),
            ("hub", one.Hub),
            ("certificate SHA-256", one.CertificateSha256),
            ("subscribed", Tables.Time(one.SubscribedUtc)));

    public static void FileWritten(TextWriter output, SubscriptionFileWritten one)
    {
        Tables.Fields(
            output,
            ("subscription file", one.File),
            ("edge", $"{one.EdgeName} ({one.EdgeFqdn}:{one.AdamSslPort})"),
            ("certificate SHA-256", one.CertificateSha256),
            ("import it before", Tables.Time(one.ExpiresUtc)));
        if (one.Replaces.Count > 0)
        {
            output.WriteLine();
            output.WriteLine($"The hub's configuration will replace {one.Replaces.Count} objects of this edge's own; {one.Backup} keeps them:");
            Objects(output, one.Replaces);
        }

        output.WriteLine();
        output.WriteLine("The file holds a password. Carry it to the hub and import it there, then delete it:");
        output.WriteLine($"  postern subscription import {Path.GetFileName(one.File)} --site NAME --data HUBDIR");
    }

    public static void Imported(TextWriter output, ImportSubscriptionResult one)
    {
        output.WriteLine($"subscribed: {one.Subscription.Name} at {one.Subscription.Address}");
        foreach (string connector in one.Connectors)
        {
            output.WriteLine($"send connector: {connector}");
        }

        if (one.Results.Count > 0)
        {
            Tables.Cycles(output, one.Results);
        }
    }

    public static void Removed(TextWriter output, SubscriptionRemoved one)
    {
        output.WriteLine($"removed: {one.Name} ({one.AccountsDeleted} accounts and {one.EntriesDeleted} entries deleted on the edge)");
        foreach (string connector in one.Connectors)
        {
            output.WriteLine($"  connector {connector} had no other edge and is gone");
        }

        if (one.Warning is { Length: > 0 })
        {
            output.WriteLine($"  {one.Warning}");
        }
    }

    public static void Preview(TextWriter output, SubscriptionPreview preview)
    {
        if (preview.Replaces.Count == 0)
        {
            output.WriteLine("nothing would be replaced: this edge has no objects of its own");
            return;
        }

        output.WriteLine($"{preview.Replaces.Count} objects of this edge's own would be replaced by the hub's configuration:");
        Objects(output, preview.Replaces);
    }

    private static void Objects(TextWriter output, IReadOnlyList<LocalObjectView> objects)
    {
        foreach (LocalObjectView one in objects)
        {
            output.WriteLine($"  {one.Kind} {one.Name}");
        }
    }
}
