using System.Globalization;
using System.Text;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization;

/// <summary>How far a type has come, kept on the edge beside the data (posternSyncState).</summary>
internal static class SyncStateEntry
{
    /// <summary>RFC 4517 section 3.3.13, UTC, whole seconds.</summary>
    private const string GeneralizedTimeFormat = "yyyyMMddHHmmss'Z'";

    private const string Malformed = "the state on the edge cannot be read";

    public static string PrintTime(DateTimeOffset time) => time.UtcDateTime.ToString(GeneralizedTimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Null when absent or not in our own form.</summary>
    public static DateTimeOffset? ReadTime(LdapEntry entry, string attribute) =>
        DateTimeOffset.TryParseExact(
            entry.FirstString(attribute), GeneralizedTimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    /// <summary>cn of the entry: the name of the type in whatever belongs to it.</summary>
    public static string TypeOf(string stateDn) => stateDn[3..stateDn.IndexOf(',', StringComparison.Ordinal)];

    public static async Task<EdgeState> ReadAsync(IDirectory edge, string stateDn, CancellationToken cancellationToken)
    {
        // Not the entry itself: that it is absent is no failure.
        SearchRequest request = new(
            EdgeLayout.Synchronization,
            SearchScope.SingleLevel,
            Filter.Equal("objectClass", PosternClasses.SyncState),
            ["cn", PosternAttributes.Cookie, PosternAttributes.Generation, PosternAttributes.LastSync]);
        EdgeState state = EdgeState.None;
        await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
        {
            if (string.Equals(entry.Dn, stateDn, StringComparison.OrdinalIgnoreCase))
            {
                state = Read(entry);
            }
        }

        if (state.Document is { Held: null, Rejected: 0 })
        {
            return state;
        }

        HeldIds held = await HeldIds.ReadAsync(edge, TypeOf(stateDn), cancellationToken);
        bool complete = held.Held.Count == (state.Document.Held?.Count ?? 0) && held.Rejected.Count == state.Document.Rejected;
        return complete
            ? state with { Held = held }
            : state with { Held = held, Document = state.Document with { WholeBecause = "the held deletions on the edge are not those that its state speaks of" } };
    }

    /// <summary>Writes the state. The edge refuses when its state is not the one that was read: restored from a backup, written by another hub.</summary>
    /// <param name="lastSync">Null leaves it as it is.</param>
    public static IUpdateOperation ToOperation(string dn, EdgeState before, StateDocument document, DateTimeOffset? lastSync, string hub)
    {
        LdapAttribute generation = Generation((before.Generation ?? 0) + 1);
        LdapAttribute cookie = new(PosternAttributes.Cookie, document.Encode());
        LdapAttribute name = new(PosternAttributes.Hub, hub);
        LdapAttribute? time = lastSync is { } now ? new LdapAttribute(PosternAttributes.LastSync, PrintTime(now)) : null;
        if (!before.Exists)
        {
            List<LdapAttribute> attributes = [new("objectClass", PosternClasses.SyncState), new("cn", TypeOf(dn)), generation, cookie, name];
            if (time is not null)
            {
                attributes.Add(time);
            }

            return new AddRequest(dn, attributes);
        }

        List<Modification> changes = [];
        if (before.Generation is { } known)
        {
            changes.Add(new Modification(ModificationType.Delete, Generation(known)));
        }

        changes.Add(new Modification(ModificationType.Add, generation));
        changes.Add(new Modification(ModificationType.Replace, cookie));
        changes.Add(new Modification(ModificationType.Replace, name));
        if (time is not null)
        {
            changes.Add(new Modification(ModificationType.Replace, time));
        }

        return new ModifyRequest(dn, changes);
    }

    private static EdgeState Read(LdapEntry entry)
    {
        long? generation = long.TryParse(entry.FirstString(PosternAttributes.Generation), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
        StateDocument? document = entry.Find(PosternAttributes.Cookie) is { Values: [{ } octets, ..] } ? StateDocument.TryDecode(octets.Span) : null;
        return new EdgeState(
            true,
            generation,
            document ?? new StateDocument { WholeBecause = Malformed },
            ReadTime(entry, PosternAttributes.LastSync),
            HeldIds.None);
    }

    private static LdapAttribute Generation(long number) =>
        new(PosternAttributes.Generation, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
}
