using Postern.EdgeSync.Filters;
using Postern.Ldap;

namespace Postern.EdgeSync.Projection;

/// <summary>A condition of the recipient map. Most entries have none of the attributes that it looks at; what it says of those is known
/// beforehand. One caller at a time.</summary>
internal sealed class RecipientCondition
{
    private readonly EntryFilter? _filter;
    private readonly bool _otherwise;

    /// <param name="condition">RFC 4515; null never holds.</param>
    public RecipientCondition(string? condition)
    {
        _filter = condition is null ? null : EntryFilter.Parse(condition);
        _otherwise = _filter?.Matches(new LdapEntry("", [])) ?? false;
    }

    /// <summary>Whether an attribute of this description can make a difference.</summary>
    public bool Concerns(string description) =>
        _filter is not null && (_filter.Concerning?.Contains(AttributeDescription.TypeOf(description).ToString()) ?? true);

    /// <param name="concerned">Whether the entry has an attribute that <see cref="Concerns"/> it.</param>
    public bool Holds(LdapEntry entry, bool concerned) => concerned || _filter is { Concerning: null } ? _filter!.Matches(entry) : _otherwise;
}
