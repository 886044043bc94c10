using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Filters;
using Postern.Mail;

namespace Postern.Operations.Recipients;

/// <summary>The verb that says why an address is a recipient, or is none.</summary>
public sealed class ExplainOperations(RecipientExplainer explainer)
{
    public Task<ExplainRecipientResult> ExplainAsync(ExplainRecipient request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            if (!MailAddress.TryNormalize(request.Address, out string normalized, out string? error))
            {
                throw new OperationException(FailureCategory.BadRequest, "invalidValue", error, "give an SMTP address, like anna@example.com");
            }

            RecipientExplanation why = await explainer.ExplainAsync(normalized, request.Address, edgeName: null, cancellationToken);
            return new ExplainRecipientResult(
                normalized,
                [.. why.Sources.Select(source => new ExplainedSource(source.Source, source.Failure, [.. source.Objects.Select(View)]))],
                [.. why.Edges.Select(View)]);
        });

    private static ExplainedObject View(ObjectExplanation one) => new(
        one.Dn, one.Id?.ToString(), Words.CamelCase(one.Outcome), [.. Decisive(one).Select(item => item.Text)], View(one.Filter), one.Disabled is null ? null : View(one.Disabled),
        one.Reason, one.Addresses, one.InternalOnly, one.Carries);

    private static IEnumerable<FilterExplanation> Decisive(ObjectExplanation one) => one.Outcome switch
    {
        ObjectOutcome.Disabled => one.Disabled!.Decisive(),
        ObjectOutcome.Excluded or ObjectOutcome.NoId or ObjectOutcome.Skipped => [],
        _ => one.Filter.Decisive(),
    };

    private static ExplainedFilter View(FilterExplanation part) =>
        new(part.Text, part.Verdict switch { true => "true", false => "false", _ => "undefined" }, [.. part.Items.Select(View)]);

    private static ExplainedEdge View(EdgeExplanation edge) => new(
        edge.Edge, edge.Failure, edge.Owner?.Id, edge.Owner?.Source, edge.Owner?.InternalOnly ?? false,
        [.. edge.Entries.Select(entry => new ExplainedEdgeEntry(
            entry.Id.ToString(), entry.IsEqual ? "equal" : entry.IsPresent ? "different" : "missing", entry.HasAddress,
            entry.LastChange is { } last ? Words.CamelCase(last.Action) : null, entry.LastChange?.Time))]);
}
