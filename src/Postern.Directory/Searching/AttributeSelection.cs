using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Which attributes a search returns: RFC 4511 section 4.5.1.8, <c>+</c> of RFC 3673.</summary>
internal sealed class AttributeSelection
{
    private readonly List<string> _named = [];
    private readonly bool _typesOnly;
    private bool _namesOperational;

    public AttributeSelection(SearchRequest request, DirectorySchema schema)
    {
        _typesOnly = request.TypesOnly;
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
                    Name(selector, schema);
                    break;
            }
        }
    }

    public bool AllUser { get; }

    public bool AllOperational { get; }

    /// <summary>Whether operational attributes need to be made at all.</summary>
    public bool WantsOperational => AllOperational || _namesOperational;

    /// <param name="user">What the entry holds, as far as it may be seen.</param>
    /// <param name="operational">What the directory adds.</param>
    public IReadOnlyList<LdapAttribute> Select(IReadOnlyList<LdapAttribute> user, IReadOnlyList<LdapAttribute> operational)
    {
        if (AllUser && !_typesOnly && operational.Count == 0)
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
            if (all || IsNamed(attribute.Description))
            {
                selected.Add(_typesOnly ? new LdapAttribute(attribute.Description, Array.Empty<ReadOnlyMemory<byte>>()) : attribute);
            }
        }
    }

    private bool IsNamed(string description)
    {
        for (int i = 0; i < _named.Count; i++)
        {
            if (AttributeDescription.Matches(description, _named[i]))
            {
                return true;
            }
        }

        return false;
    }

    private void Name(string selector, DirectorySchema schema)
    {
        string written = SchemaWords.TypeName(selector);
        AttributeType? type = schema.FindAttribute(written);
        _named.Add(type is null ? selector : string.Concat(type.Name, selector.AsSpan(written.Length)));
        _namesOperational |= type is { Operational: true };
    }
}
