using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Filters;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.Files;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Explanations;

/// <summary>Asks every source and every edge about one address. Nothing is changed, and nothing is remembered.</summary>
/// <param name="lastChange">The last decision on record about an entry of an edge.</param>
public sealed class RecipientExplainer(
    HubSettings settings, HubSubscriptions subscriptions, TimeProvider time, ILoggerFactory loggerFactory, Func<string, EntryId, AuditDecision?>? lastChange = null)
{
    private static readonly string[] EdgeAttributes =
        ["cn", PosternAttributes.AddressHash, PosternAttributes.Digest, PosternAttributes.Source, PosternAttributes.InternalOnly];

    private readonly ILogger _log = loggerFactory.CreateLogger<RecipientExplainer>();

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
        foreach (HubSubscription edge in chosen)
        {
            edges.Add(await ExplainAsync(edge, normalized, recipients, cancellationToken));
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
            foreach (LdapEntry entry in await new RecipientFinder(source, time, _log).FindAsync(normalized, written, cancellationToken))
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
            return new SourceExplanation(source.Name, $"{e.Message} {e.Hint}", []);
        }
    }

    private async Task<EdgeExplanation> ExplainAsync(
        HubSubscription edge, string normalized, List<(SourceSettings Source, SourceEntry Entry)> recipients, CancellationToken cancellationToken)
    {
        try
        {
            AddressHashKey key = subscriptions.AddressKey(edge.Name);
            byte[] hash = AddressHasher.HashOnce(key, normalized);
            await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
            LdapEntry? owner = await FirstAsync(
                connection, new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.AddressHash, hash), EdgeAttributes), cancellationToken);
            List<EdgeEntryExplanation> entries = [];
            foreach ((SourceSettings source, SourceEntry entry) in recipients)
            {
                LdapEntry? held = await FirstAsync(
                    connection,
                    new SearchRequest(ProjectedEntry.DnOf(entry.Id, EdgeLayout.Recipients), SearchScope.BaseObject, Filter.Anything, EdgeAttributes),
                    cancellationToken);
                entries.Add(new EdgeEntryExplanation(
                    entry.Id, held is not null, held is not null && DigestOf(held) == DigestOf(source, entry, key), held is not null && Has(held, hash), lastChange?.Invoke(edge.Name, entry.Id)));
            }

            return new EdgeExplanation(edge.Name, null, owner is null ? null : View(owner), entries);
        }
        catch (Exception e) when (e is LdapException or LdapConnectionException or SubscriptionException)
        {
            return new EdgeExplanation(edge.Name, e.Message, null, []);
        }
    }

    private static EdgeOwner View(LdapEntry entry) => new(
        entry.FirstString("cn") ?? entry.Dn, entry.FirstString(PosternAttributes.Source), entry.FirstString(PosternAttributes.InternalOnly) == "TRUE");

    private static bool Has(LdapEntry entry, byte[] hash) => entry.Find(PosternAttributes.AddressHash)?.Values.Any(value => value.Span.SequenceEqual(hash)) ?? false;

    private static UInt128? DigestOf(LdapEntry held) =>
        held.Find(PosternAttributes.Digest) is { Values: [{ Length: EntryId.Bytes } octets] } ? BinaryPrimitives.ReadUInt128BigEndian(octets.Span) : null;

    private static UInt128? DigestOf(SourceSettings source, in SourceEntry entry, AddressHashKey key)
    {
        using RecipientProjection projection = new(source, key);
        return projection.Project(entry) == ProjectionVerdict.Projected ? projection.Digest : null;
    }

    private static async Task<LdapEntry?> FirstAsync(LdapConnection edge, SearchRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                return entry;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
            // No such entry, or no recipients at all yet.
        }

        return null;
    }
}
