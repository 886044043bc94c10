using Postern.Ldap;

namespace Postern.Directory.Searching;

// RFC 3673 (complete): nothing to add

/// <summary>Which attributes a search returns: RFC 4511 section 4.5.1.8, <c>+</c> of RFC 3673; and which values of them: RFC 3876.</summary>
internal sealed class AttributeSelection
{
    private readonly List<AttributePattern> _named = [];
    private readonly bool _typesOnly;
    private readonly CompiledFilter? _values;
    private readonly bool _namesOperational;

    /// <param name="valueFilter">Items of which a returned value must match one; null returns all values.</param>
    public AttributeSelection(SearchRequest request, DirectorySchema schema, IReadOnlyList<Filter>? valueFilter = null)
    {
        _typesOnly = request.TypesOnly;
        _values = valueFilter is null ? null : CompiledFilter.Compile(new OrFilter(valueFilter), schema);
        AllUser = request.Attributes.Count == 0;
        foreach (string selector in request.Attributes)
        {
            switch (selector)
            {
                case "*":
                    AllUser = true;
                    break;
                case "+":
                    AllOperational = true;
                    break;
                case "1.1":
                    break; // no attributes, unless others are asked for too
                default:
                    AttributePattern pattern = new(selector, schema);
                    _named.Add(pattern);
                    _namesOperational |= pattern.Type is { Operational: true };
                    break;
            }
        }
    }

    public bool AllUser { get; }

    public bool AllOperational { get; }

    /// <summary>Whether operational attributes need to be made at all.</summary>
    public bool WantsOperational => AllOperational || _namesOperational;

    /// <summary>Whether this very attribute is asked for by a name.</summary>
    public bool Names(string attribute) => _named.Exists(p => p.Type?.Name == attribute);

    /// <param name="user">What the entry holds, as far as it may be seen.</param>
    /// <param name="operational">What the directory adds.</param>
    public IReadOnlyList<LdapAttribute> Select(IReadOnlyList<LdapAttribute> user, IReadOnlyList<LdapAttribute> operational)
    {
        if (AllUser && !_typesOnly && _values is null && operational.Count == 0)
        {
            return user;
        }

        List<LdapAttribute> selected = new(AllUser ? user.Count + operational.Count : _named.Count);
        Collect(user, AllUser, selected);
        Collect(operational, AllOperational, selected);
        return selected;
    }

    private void Collect(IReadOnlyList<LdapAttribute> attributes, bool all, List<LdapAttribute> selected)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            LdapAttribute attribute = attributes[i];
            if (!all && !IsNamed(attribute.Description))
            {
                continue;
            }

            if (_typesOnly)
            {
                // RFC 3876 section 2: without values there is nothing for a value filter to do.
                selected.Add(new LdapAttribute(attribute.Description, Array.Empty<ReadOnlyMemory<byte>>()));
            }
            else if (_values is null)
            {
                selected.Add(attribute);
            }
            else
            {
                // RFC 3876 section 2: an attribute none of whose values is selected comes without values.
                selected.Add(Matching(attribute));
            }
        }
    }

    private LdapAttribute Matching(LdapAttribute attribute)
    {
        List<ReadOnlyMemory<byte>> kept = [];
        for (int i = 0; i < attribute.Values.Count; i++)
        {
            LdapAttribute[] alone = [new(attribute.Description, [attribute.Values[i]])];
            if (_values!.Matches("", alone, []) == true)
            {
                kept.Add(attribute.Values[i]);
            }
        }

        return new LdapAttribute(attribute.Description, kept);
    }

    private bool IsNamed(string description)
    {
        for (int i = 0; i < _named.Count; i++)
        {
            if (_named[i].Covers(description))
            {
                return true;
            }
        }

        return false;
    }
}
