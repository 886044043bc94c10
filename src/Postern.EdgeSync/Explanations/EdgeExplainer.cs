using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Explanations;

/// <summary>Asks one edge about one address: who has it there, and what it makes of the objects that are recipients.</summary>
/// <param name="lastChange">The last decision on record about an entry of an edge.</param>
/// <param name="lookUp">See <see cref="RecipientExplainer.LookUp"/>.</param>
internal sealed class EdgeExplainer(HubSubscriptions subscriptions, Func<string, EntryId, AuditDecision?>? lastChange, EdgeLookUp? lookUp)
{
    /// <param name="recipients">Objects of the sources that are recipients and have the address.</param>
    public async Task<EdgeExplanation> ExplainAsync(
        HubSubscription edge, string normalized, string written, IReadOnlyList<(SourceSettings Source, SourceEntry Entry)> recipients, CancellationToken cancellationToken)
    {
        try
        {
            AddressHashKey key = await subscriptions.AddressKeyAsync(edge.Name, cancellationToken);
            byte[] hash = AddressHasher.HashOnce(key, normalized);
            await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
            HeldIds held = await HeldIds.ReadAsync(connection, SyncStateEntry.TypeOf(EdgeLayout.RecipientsState), cancellationToken);
            LdapEntry? owner = await FirstAsync(
                connection, new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.AddressHash, hash), ["*"]), cancellationToken);
            List<EdgeEntryExplanation> entries = [];
            foreach ((SourceSettings source, SourceEntry entry) in recipients)
            {
                entries.Add(await ExplainAsync(connection, edge, key, hash, source, entry, held, cancellationToken));
            }

            return new EdgeExplanation(edge.Name, null, owner is null ? null : View(edge, owner, held), entries)
            {
                Verdict = lookUp is null ? null : await lookUp(connection, key, written, cancellationToken),
            };
        }
        catch (Exception e) when (e is LdapException or LdapConnectionException or SubscriptionException)
        {
            return new EdgeExplanation(edge.Name, e.Message, null, []);
        }
    }

    private async Task<EdgeEntryExplanation> ExplainAsync(
        LdapConnection connection, HubSubscription edge, AddressHashKey key, byte[] hash, SourceSettings source, SourceEntry entry, HeldIds held, CancellationToken cancellationToken)
    {
        LdapEntry? there = await FirstAsync(
            connection, new SearchRequest(ProjectedEntry.DnOf(entry.Id, EdgeLayout.Recipients), SearchScope.BaseObject, Filter.Anything, ["*"]), cancellationToken);
        return new EdgeEntryExplanation(
            entry.Id, there is not null, there is not null && IsEqual(there, source, entry, key), there is not null && Has(there, hash), lastChange?.Invoke(edge.Name, entry.Id))
        {
            Deletion = DeletionOf(entry.Id, held),
        };
    }

    private EdgeOwner View(HubSubscription edge, LdapEntry entry, HeldIds held)
    {
        string cn = entry.FirstString("cn") ?? entry.Dn;
        bool known = EntryId.TryParse(cn.AsSpan(), out EntryId id);
        return new EdgeOwner(cn, entry.FirstString(PosternAttributes.Source), entry.FirstString(PosternAttributes.InternalOnly) == "TRUE")
        {
            Deletion = known ? DeletionOf(id, held) : PendingDeletion.None,
            LastChange = known ? lastChange?.Invoke(edge.Name, id) : null,
        };
    }

    private static PendingDeletion DeletionOf(EntryId id, HeldIds held) =>
        held.Held.ContainsKey(id) ? PendingDeletion.Held : held.Rejected.ContainsKey(id) ? PendingDeletion.Rejected : PendingDeletion.None;

    private static bool Has(LdapEntry entry, byte[] hash) => entry.Find(PosternAttributes.AddressHash)?.Values.Any(value => value.Span.SequenceEqual(hash)) ?? false;

    /// <summary>By what the entry holds, whatever its digest says.</summary>
    private static bool IsEqual(LdapEntry there, SourceSettings source, in SourceEntry entry, AddressHashKey key)
    {
        using RecipientProjection projection = new(source, key);
        ContentDigest digest = new();
        return projection.Project(entry) == ProjectionVerdict.Projected
            && digest.Of(SyncPart.Recipients, there) == digest.Of(SyncPart.Recipients, source.Name, projection.Claims, projection.Attributes());
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
