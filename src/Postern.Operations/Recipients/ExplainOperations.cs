using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Filters;
using Postern.Ldap;
using Postern.Mail;
using Postern.Transport;

namespace Postern.Operations.Recipients;

/// <summary>The verb that says why an address is a recipient, or is none.</summary>
/// <param name="configuration">The organization's: its accepted domains say whether an address is looked for at all.</param>
public sealed class ExplainOperations(RecipientExplainer explainer, ConfigurationStore configuration)
{
    public Task<ExplainRecipientResult> ExplainAsync(ExplainRecipient request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            if (!MailAddress.TryNormalize(request.Address, out string normalized, out string? error))
            {
                throw new OperationException(FailureCategory.BadRequest, "invalidValue", error, "give an SMTP address, like anna@example.com");
            }

            AcceptedDomain? domain = await FindDomainAsync(normalized[(normalized.LastIndexOf('@') + 1)..], cancellationToken);
            RecipientExplanation why = await explainer.ExplainAsync(normalized, request.Address, edgeName: null, cancellationToken);
            string? mailbox = null;
            if (IsNobodys(why) && domain?.SubaddressDelimiter is { } delimiter && Subaddress.TryStrip(normalized, delimiter, out string stripped))
            {
                RecipientExplanation whole = await explainer.ExplainAsync(stripped, request.Address, edgeName: null, cancellationToken);
                (mailbox, why) = IsNobodys(whole) ? (null, why) : (stripped, whole);
            }

            return new ExplainRecipientResult(
                normalized,
                [.. why.Sources.Select(source => new ExplainedSource(source.Source, source.Failure, [.. source.Objects.Select(View)]))],
                [.. why.Edges.Select(View)])
            {
                Mailbox = mailbox,
                Domain = domain?.Name,
                DomainType = domain is null ? null : AcceptedDomain.TypeName(domain.Type),
            };
        });

    /// <summary>For <see cref="RecipientExplainer.LookUp"/>: the very lookup of the edge, over the hub's session with it.</summary>
    public static async Task<EdgeVerdict> LookUpAsync(IDirectory edge, AddressHashKey key, string address, CancellationToken cancellationToken)
    {
        // One question: nothing is remembered that a later version of the directory could contradict.
        RecipientLookup lookup = new(edge, () => key, () => 0);
        LookupAnswer answer = await lookup.FindAsync(address, cancellationToken);
        return new EdgeVerdict(Words.CamelCase(answer.Verdict), answer.Reason);
    }

    private static bool IsNobodys(RecipientExplanation why) => why.Sources.All(source => source.Objects.Count == 0) && why.Edges.All(edge => edge.Owner is null);

    /// <summary>The domain itself, else the wildcard of the nearest domain above it.</summary>
    private async Task<AcceptedDomain?> FindDomainAsync(string name, CancellationToken cancellationToken)
    {
        List<AcceptedDomain> domains =
        [
            .. (await configuration.ListAsync(ConfigurationClasses.AcceptedDomain, cancellationToken)).Select(item => item.Object).OfType<AcceptedDomain>(),
        ];
        return domains.Find(domain => domain.Name == name)
            ?? domains.Where(domain => domain.IsWildcard && name.EndsWith(domain.Name[1..], StringComparison.Ordinal)).MaxBy(domain => domain.Name.Length);
    }

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
            entry.LastChange is { } last ? Words.CamelCase(last.Action) : null, entry.LastChange?.Time)
        {
            Deletion = Word(entry.Deletion),
        })])
    {
        Verdict = edge.Verdict?.Verdict,
        VerdictReason = edge.Verdict?.Reason,
        OwnerDeletion = Word(edge.Owner?.Deletion ?? PendingDeletion.None),
        OwnerLastChange = edge.Owner?.LastChange is { } change ? Words.CamelCase(change.Action) : null,
        OwnerLastChangeUtc = edge.Owner?.LastChange?.Time,
    };

    private static string? Word(PendingDeletion deletion) => deletion == PendingDeletion.None ? null : Words.CamelCase(deletion);
}
