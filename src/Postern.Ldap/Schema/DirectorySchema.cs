namespace Postern.Ldap;

// RFC 4512 (partial): without the optional parts: DIT structure and content rules, name forms, collective attributes

public enum ObjectClassKind
{
    Abstract,
    Structural,
    Auxiliary,
}

/// <summary>Object class description, RFC 4512 section 4.1.1.</summary>
/// <param name="Name">The first of its names.</param>
public sealed record ObjectClass(string Name, string Oid, ObjectClassKind Kind, IReadOnlyList<string> Must, IReadOnlyList<string> May)
{
    /// <summary>All names; the first is <see cref="Name"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [Name];

    /// <summary>The superior classes; one for most, none for <c>top</c>.</summary>
    public IReadOnlyList<string> Superiors { get; init; } = Name == "top" ? [] : ["top"];

    public bool Obsolete { get; init; }

    public string Description { get; init; } = "";
}

/// <summary>The attribute types and object classes that a directory knows. Names and OIDs compare without regard to case.</summary>
public sealed class DirectorySchema
{
    private readonly Dictionary<string, AttributeType> _attributes = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ObjectClass> _classes = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<AttributeType> _withSubtypes = new(ReferenceEqualityComparer.Instance);

    public DirectorySchema(IEnumerable<AttributeType> attributes, IEnumerable<ObjectClass> classes)
    {
        Attributes = [.. attributes];
        Classes = [.. classes];
        foreach (AttributeType attribute in Attributes)
        {
            _attributes.Add(attribute.Oid, attribute);
            foreach (string name in attribute.Names)
            {
                _attributes.Add(name, attribute);
            }
        }

        _withSubtypes.UnionWith(Attributes.Where(a => a.Superior.Length > 0).Select(a => FindAttribute(a.Superior)).OfType<AttributeType>());
        foreach (ObjectClass objectClass in Classes)
        {
            _classes.Add(objectClass.Oid, objectClass);
            foreach (string name in objectClass.Names)
            {
                _classes.Add(name, objectClass);
            }
        }
    }

    public IReadOnlyList<AttributeType> Attributes { get; }

    public IReadOnlyList<ObjectClass> Classes { get; }

    /// <param name="type">A name or OID, without options.</param>
    public AttributeType? FindAttribute(string type) => _attributes.GetValueOrDefault(type);

    /// <summary>Whether a type is another or a subtype of it, RFC 4512 section 2.5.1.</summary>
    public bool IsA(AttributeType type, AttributeType ancestor)
    {
        AttributeType? next = type;
        for (int steps = 0; next is not null && steps <= Attributes.Count; steps++)
        {
            if (ReferenceEquals(next, ancestor))
            {
                return true;
            }

            next = next.Superior.Length == 0 ? null : FindAttribute(next.Superior);
        }

        return false;
    }

    /// <summary>Whether other types are subtypes of this one.</summary>
    public bool HasSubtypes(AttributeType type) => _withSubtypes.Contains(type);

    public ObjectClass? FindClass(string name) => _classes.GetValueOrDefault(name);

    /// <summary>The class and all above it.</summary>
    public IReadOnlyCollection<ObjectClass> WithSuperiors(ObjectClass objectClass)
    {
        HashSet<ObjectClass> all = new(ReferenceEqualityComparer.Instance);
        Stack<ObjectClass> open = new([objectClass]);
        while (open.TryPop(out ObjectClass? next))
        {
            if (all.Add(next))
            {
                foreach (string superior in next.Superiors)
                {
                    if (FindClass(superior) is { } found)
                    {
                        open.Push(found);
                    }
                }
            }
        }

        return all;
    }
}
