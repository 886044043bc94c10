using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>
/// What one search says of one entry: whether its principal may see it and it matches, and what of it is returned. Made once per search;
/// one thread at a time. Where entries come from, and how many, is not its concern.
/// </summary>
internal sealed class EntryJudge
{
    private readonly CompiledFilter _filter;
    private readonly AttributeSelection _selection;
    private readonly DirectorySchema _schema;
    private readonly bool _filtersOperational;
    private readonly bool _makesOperational;
    private readonly bool _countsChildren;
    private readonly bool _takesAll;

    /// <param name="withOperational">Whether <see cref="SeenEntry.Operational"/> is wanted, even if neither filter nor selection ask for it.</param>
    public EntryJudge(
        SearchContext context, Principal principal, SearchRequest request, IReadOnlyList<Filter>? valueFilter = null, bool withOperational = false)
    {
        _schema = context.Schema;
        View = new EntryView(context, principal);
        _filter = CompiledFilter.Compile(request.Filter, _schema);
        _filtersOperational = !_filter.MatchesEveryEntry && _filter.Attributes.Exists(a => a is null or { Operational: true });
        _takesAll = _filter.MatchesEveryEntry && View.MayReadAttribute(SchemaWords.ObjectClass);
        _selection = new AttributeSelection(request, _schema, valueFilter);
        _countsChildren = _selection.Names(SchemaWords.NumSubordinates) || _filter.Attributes.Exists(a => a?.Name == SchemaWords.NumSubordinates);
        _makesOperational = withOperational || _filtersOperational || _selection.WantsOperational;
    }

    public EntryView View { get; }

    /// <returns>The entry as it is returned, or null when it is not.</returns>
    public LdapEntry? Judge(EntryRow row, EntryName name) => Look(row, name) is { } seen ? Present(name.Dn, seen) : null;

    /// <returns>What the principal sees of a matching entry, or null.</returns>
    public SeenEntry? Look(EntryRow row, EntryName name)
    {
        if (!View.MayRead(name.Normalized))
        {
            return null;
        }

        IReadOnlyList<LdapAttribute> user = View.UserAttributes(row);
        IReadOnlyList<LdapAttribute> operational = _makesOperational ? View.OperationalAttributes(row, user, name, _countsChildren) : [];
        return Matches(name.Dn, user, operational) ? new SeenEntry(user, operational) : null;
    }

    public LdapEntry Present(string dn, SeenEntry seen) => new(dn, _selection.Select(seen.User, _selection.WantsOperational ? seen.Operational : []));

    /// <summary>The same for an entry that is not stored.</summary>
    public LdapEntry? Judge(LdapEntry entry)
    {
        if (!View.MayRead(DistinguishedName.Parse(entry.Dn).Normalized))
        {
            return null;
        }

        ILookup<bool, LdapAttribute> readable = View.Readable(entry.Attributes).ToLookup(a => IsOperational(a.Description));
        LdapAttribute[] user = [.. readable[false]];
        LdapAttribute[] operational = [.. readable[true]];
        return Matches(entry.Dn, user, operational) ? Present(entry.Dn, new SeenEntry(user, operational)) : null;
    }

    private bool Matches(string dn, IReadOnlyList<LdapAttribute> user, IReadOnlyList<LdapAttribute> operational) =>
        _takesAll || _filter.Matches(dn, user, _filtersOperational ? operational : []) == true;

    private bool IsOperational(string description) => _schema.FindAttribute(SchemaWords.TypeName(description)) is { Operational: true };
}

/// <summary>The names of a stored entry.</summary>
/// <param name="Normalized">Empty for the system, which nobody asks about access.</param>
/// <param name="Entries">Where the entry's children can be looked up; null where nobody may ask about them.</param>
internal readonly record struct EntryName(string Dn, string Normalized, EntryTable? Entries = null);

/// <summary>What a principal sees of an entry.</summary>
internal readonly record struct SeenEntry(IReadOnlyList<LdapAttribute> User, IReadOnlyList<LdapAttribute> Operational);
