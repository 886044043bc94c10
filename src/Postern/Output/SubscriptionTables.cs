using System.Globalization;
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
        foreach (SubscriptionView one in list.Where(one => one.Problem is not null))
        {
            output.WriteLine($"{one.Name}: {one.Problem}");
        }
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
            ("subscribed", Tables.Time(one.SubscribedUtc)),
            ("problem", one.Problem));

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
        output.WriteLine(one.Form switch
        {
            "hub" => $"The file is sealed for the hub whose certificate has SHA-256 {one.HubSha256}: compare it with what `postern hub identity` prints there. Carry the file to that hub and import it, then delete it:",
            "passphrase" => "The file is sealed with the passphrase. Carry it to the hub, the passphrase by another way, and import it there, then delete it:",
            _ => "WARNING: the file holds a password in clear; whoever copies it before the import can subscribe this edge. --for-hub or --passphrase-file seal it.\nCarry it to the hub and import it there, then delete it:",
        });
        output.WriteLine($"  postern subscription import {Path.GetFileName(one.File)} --site NAME --data HUBDIR");
    }

    public static void Inspected(TextWriter output, SubscriptionInspection one)
    {
        Tables.Fields(
            output,
            ("subscription file", one.File),
            ("form", one.Form switch { "hub" => "sealed for a hub", "passphrase" => "sealed with a passphrase", _ => "clear: it holds a password that anybody can read" }),
            ("sealed for", one.Form == "hub" ? string.Join(", ", one.SealedFor) : null),
            ("not opened", one.Closed));
        if (one.Content is { } content)
        {
            Tables.Fields(
                output,
                ("format version", content.FormatVersion.ToString(CultureInfo.InvariantCulture)),
                ("edge", $"{content.EdgeName} ({content.EdgeFqdn}:{content.AdamSslPort})"),
                ("account", content.Account),
                ("effective", Tables.Time(content.EffectiveUtc)),
                ("import it before", $"{Tables.Time(content.ExpiresUtc)} ({content.State switch { "expired" => "expired", "notYet" => "not effective yet", _ => "good, unless it was used" }})"),
                ("certificate", $"{content.CertificateSubject}, until {Tables.Time(content.CertificateNotAfterUtc)}"),
                ("certificate SHA-256", content.CertificateSha256),
                ("written by", $"{content.ProductId} {content.SerialNumber}".Trim()));
        }
    }

    public static void Step(TextWriter output, SubscriptionStep one) => output.WriteLine($"{one.Check,-5}  {(one.State == "good" ? "ok" : one.State)}  {one.Evidence}");

    public static void Set(TextWriter output, SubscriptionSet one)
    {
        foreach (SubscriptionStep step in one.Steps)
        {
            Step(output, step);
        }

        output.WriteLine($"{one.Subscription.Name} is dialled at {one.Subscription.Address} from now on");
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
