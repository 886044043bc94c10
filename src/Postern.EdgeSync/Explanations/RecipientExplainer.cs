using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Filters;
using Postern.EdgeSync.NameService;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.Files;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Explanations;

/// <summary>Asks every source and every edge about one address. Nothing is changed, and nothing is remembered.</summary>
/// <param name="lastChange">The last decision on record about an entry of an edge.</param>
public sealed class RecipientExplainer(
    HubSettings settings, HubSubscriptions subscriptions, TimeProvider time, ILoggerFactory loggerFactory, Func<string, EntryId, AuditDecision?>? lastChange = null)
{
    private readonly ILogger _log = loggerFactory.CreateLogger<RecipientExplainer>();

    /// <summary>What an edge answers its mail server; null: it is not asked.</summary>
    public EdgeLookUp? LookUp { get; init; }

    /// <summary>For tests; the machine's own name servers otherwise.</summary>
    internal DnsClient? NameServers { get; init; }

    /// <param name="normalized">As <see cref="MailAddress.TryNormalize"/> made it.</param>
    /// <param name="written">As it was asked for.</param>
    /// <param name="edgeName">Null: all edges.</param>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    public async Task<RecipientExplanation> ExplainAsync(string normalized, string written, string? edgeName = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<HubSubscription> chosen = edgeName is null ? await subscriptions.ListAsync(cancellationToken) : await subscriptions.SelectAsync(edgeName, cancellationToken);
        List<SourceExplanation> sources = [];
        List<(SourceSettings Source, SourceEntry Entry)> recipients = [];
        foreach (SourceSettings source in settings.Sources)
        {
            sources.Add(await ExplainAsync(source, normalized, written, recipients, cancellationToken));
        }

        List<EdgeExplanation> edges = [];
        EdgeExplainer explainer = new(subscriptions, lastChange, LookUp);
        foreach (HubSubscription edge in chosen)
        {
            edges.Add(await explainer.ExplainAsync(edge, normalized, written, recipients, cancellationToken));
        }

        return new RecipientExplanation(sources, edges);
    }

    /// <summary>Why an object of a source is a recipient, or is none.</summary>
    internal static ObjectExplanation Explain(SourceSettings source, LdapEntry entry)
    {
        // Under any key: what it hashes to is the edge's business.
        using RecipientProjection projection = new(source, AddressHashKey.Generate());
        FilterExplanation filter = FilterExplanation.Of(Filter.Parse(source.Filter), entry);
        FilterExplanation? disabled = source.Map.Disabled is { } condition ? FilterExplanation.Of(Filter.Parse(condition), entry) : null;
        EntryId? id = IdOf(source, entry);
        bool projected = projection.Project(new SourceEntry(id ?? default, entry)) == ProjectionVerdict.Projected;
        ObjectOutcome outcome = filter.Verdict != true ? ObjectOutcome.FilteredOut
            : projection.IsExcluded(entry) ? ObjectOutcome.Excluded
            : disabled?.Verdict == true ? ObjectOutcome.Disabled
            : id is null ? ObjectOutcome.NoId
            : projected ? ObjectOutcome.Recipient
            : ObjectOutcome.Skipped;
        return new ObjectExplanation(
            entry.Dn, id, outcome, filter, disabled, projection.Reason, projection.Claims.Length, projected && projection.IsInternalOnly,
            projected ? [.. projection.Attributes().Where(attribute => attribute.Values.Count > 0).Select(attribute => attribute.Description)] : []);
    }

    private static EntryId? IdOf(SourceSettings source, LdapEntry entry)
    {
        if (EntryIdReader.For(source).TryRead(entry, out EntryId id))
        {
            return id;
        }

        return source.Type == SourceType.Ldif ? LdifSource.IdFromName(source.Name, entry) : null;
    }

    private async Task<SourceExplanation> ExplainAsync(
        SourceSettings source, string normalized, string written, List<(SourceSettings Source, SourceEntry Entry)> recipients, CancellationToken cancellationToken)
    {
        try
        {
            List<ObjectExplanation> objects = [];
            foreach (LdapEntry entry in await new RecipientFinder(source, time, _log) { NameServers = NameServers }.FindAsync(normalized, written, cancellationToken))
            {
                ObjectExplanation one = Explain(source, entry);
                objects.Add(one);
                if (one.Outcome == ObjectOutcome.Recipient)
                {
                    recipients.Add((source, new SourceEntry(one.Id!.Value, entry)));
                }
            }

            return new SourceExplanation(source.Name, null, objects);
        }
        catch (SourceException e)
        {
            return new SourceExplanation(source.Name, $"{e.Cause}. {e.Hint}", []);
        }
    }
}
