using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>What every feed of one LDAP source shares.</summary>
internal sealed record FeedContext(SourceSettings Settings, SourceConnection Connection, EntryIdReader Ids, Bell Bell, TimeProvider Time)
{
    public string Name => Settings.Name;

    public Filter Filter { get; } = Filter.Parse(Settings.Filter);

    /// <param name="more">Attributes beyond those of the settings.</param>
    public SearchRequest Request(Filter filter, params string[] more) =>
        new(Settings.BaseDn!, SearchScope.WholeSubtree, filter, [.. Settings.RequestedAttributes.Concat(more).Distinct(StringComparer.OrdinalIgnoreCase)]);

    /// <exception cref="SourceException">The entry has no id that may be read.</exception>
    public EntryId IdOf(LdapEntry entry) => Ids.TryRead(entry, out EntryId id)
        ? id
        : throw new SourceException(
            Name,
            $"entry {entry.Dn} has no {string.Join(" or ", Ids.Attributes)}",
            "Let the bind account read that attribute, or name another one in idAttribute.");
}
