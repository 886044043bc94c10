using Postern.Operations.Recipients;

namespace Postern.Output;

/// <summary>How an explanation looks to people: from the sources to the edges, each step with its reason.</summary>
internal static class ExplanationText
{
    private const string Indent = "  ";

    public static void Write(TextWriter output, ExplainRecipientResult one)
    {
        output.WriteLine(one.Address);
        output.WriteLine(one.Domain is null ? "no accepted domain: no edge takes mail for it" : $"accepted domain {one.Domain} ({one.DomainType})");
        if (one.Mailbox is not null)
        {
            output.WriteLine($"looked for without its detail: {one.Mailbox}");
        }

        foreach (ExplainedSource source in one.Sources)
        {
            if (source.Failure is not null || source.Objects.Count == 0)
            {
                output.WriteLine($"source {source.Source}: {source.Failure ?? "no object has this address"}");
            }

            foreach (ExplainedObject found in source.Objects)
            {
                Write(output, source.Source, found);
            }
        }

        foreach (ExplainedEdge edge in one.Edges)
        {
            Write(output, edge);
        }

        if (one.Edges.Count == 0)
        {
            output.WriteLine("no edge is subscribed");
        }
    }

    private static void Write(TextWriter output, string source, ExplainedObject found)
    {
        output.WriteLine($"source {source}: {found.Dn}");
        output.WriteLine($"{Indent}{Outcome(found)}");
        foreach (string item in found.Decisive)
        {
            output.WriteLine($"{Indent}{Indent}because of {item}");
        }

        if (found.Reason.Length > 0)
        {
            output.WriteLine($"{Indent}{found.Reason}");
        }

        output.WriteLine($"{Indent}filter");
        Write(output, found.Filter, 2);
        if (found.Disabled is not null)
        {
            output.WriteLine($"{Indent}disabled");
            Write(output, found.Disabled, 2);
        }
    }

    private static string Outcome(ExplainedObject found) => found.Outcome switch
    {
        "recipient" => $"a recipient with {found.Addresses} {(found.Addresses == 1 ? "address" : "addresses")}{(found.InternalOnly ? ", for mail from inside only" : "")}; "
            + $"id {found.Id}{(found.Carries.Count > 0 ? $"; carries {string.Join(", ", found.Carries)}" : "")}",
        "filteredOut" => "no recipient: the filter keeps it out",
        "excluded" => "no recipient: it lies in one of excludedSubtrees",
        "disabled" => "no recipient: it is disabled",
        "noId" => "no recipient: it has nothing that identifies it (idAttribute)",
        _ => "no recipient: it has no usable address",
    };

    private static void Write(TextWriter output, ExplainedFilter part, int depth)
    {
        output.WriteLine($"{string.Concat(Enumerable.Repeat(Indent, depth))}{part.Verdict,-9} {part.Text}");
        foreach (ExplainedFilter inner in part.Parts)
        {
            Write(output, inner, depth + 1);
        }
    }

    private static void Write(TextWriter output, ExplainedEdge edge)
    {
        output.WriteLine(edge.Failure is not null ? $"edge {edge.Edge}: {edge.Failure}"
            : edge.OwnerId is null ? $"edge {edge.Edge}: no entry has the address"
            : $"edge {edge.Edge}: entry {edge.OwnerId} of source {edge.OwnerSource} has the address{(edge.OwnerInternalOnly ? ", for mail from inside only" : "")}");
        if (edge.Verdict is not null)
        {
            output.WriteLine($"{Indent}it answers {edge.Verdict}: {edge.VerdictReason}");
        }

        if (edge.OwnerId is { } owner && edge.Entries.All(entry => entry.Id != owner))
        {
            output.WriteLine($"{Indent}no source shows that entry as a recipient with this address{Deletion(edge.OwnerDeletion)}{Last(edge.OwnerLastChange, edge.OwnerLastChangeUtc)}");
        }

        foreach (ExplainedEdgeEntry entry in edge.Entries)
        {
            string state = entry.State switch
            {
                "equal" => "is as the source has it",
                "different" => "is there, and not as the source has it",
                _ => "is not there",
            };
            string lost = entry.State != "missing" && !entry.HasAddress && edge.OwnerId is not null ? $"; the address belongs to {edge.OwnerId}, which had it first" : "";
            output.WriteLine($"{Indent}entry {entry.Id} {state}{lost}{Deletion(entry.Deletion)}{Last(entry.LastChange, entry.LastChangeUtc)}");
        }
    }

    private static string Deletion(string? deletion) => deletion switch
    {
        "held" => "; what it would lose is held until somebody decides (postern sync held)",
        "rejected" => "; it keeps what it has, because somebody rejected that it loses it",
        _ => "",
    };

    private static string Last(string? change, DateTimeOffset? time) => change is null ? "" : $"; last change: {change}, {Tables.Time(time)}";
}
