using System.Collections.Concurrent;
using System.Text;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory;

/// <summary>What makes an entry valid under the schema; also collects its index keys on the way, since both need every value's normal form.</summary>
internal sealed class EntryRules(DirectorySchema schema, IndexSet indexes)
{
    /// <summary>Values up to this many are compared pairwise; more go through a set.</summary>
    private const int PairwiseValues = 8;

    /// <summary>Sets of object classes remembered; clients cannot make it grow further. Ours use some ten.</summary>
    private const int MaxShapes = 1024;

    private readonly ConcurrentDictionary<string, ClassShape> _shapes = new(StringComparer.OrdinalIgnoreCase);

    public DirectorySchema Schema => schema;

    /// <summary>Checks a whole entry.</summary>
    /// <returns>Its index keys.</returns>
    /// <exception cref="LdapException">The first rule that the entry breaks, with the code that RFC 4511 asks for.</exception>
    public EntryKeys Check(string dn, IReadOnlyList<LdapAttribute> attributes, out ClassShape shape)
    {
        EntryKeys keys = new();
        AttributeType[] types = new AttributeType[attributes.Count];
        LdapAttribute? objectClass = null;
        for (int i = 0; i < attributes.Count; i++)
        {
            LdapAttribute attribute = attributes[i];
            types[i] = CheckAttribute(dn, attribute, keys);
            if (attribute.Description.Equals(SchemaWords.ObjectClass, StringComparison.OrdinalIgnoreCase))
            {
                objectClass = attribute;
            }

            for (int j = 0; j < i; j++)
            {
                if (ReferenceEquals(types[i], types[j]) && AttributeDescription.Comparer.Equals(attributes[j].Description, attribute.Description))
                {
                    throw Refuse(LdapResultCode.AttributeOrValueExists, dn, $"{attribute.Description} is given twice; give all its values once");
                }
            }
        }

        if (objectClass is null)
        {
            throw Refuse(LdapResultCode.ObjectClassViolation, dn, "objectClass is missing");
        }

        shape = ShapeOf(dn, objectClass);
        CheckClasses(dn, types, shape);
        keys.RemoveDuplicates();
        return keys;
    }

    /// <summary>The type of a description that a client sent.</summary>
    /// <exception cref="LdapException">undefinedAttributeType.</exception>
    public AttributeType TypeOf(string dn, string description) =>
        schema.FindAttribute(SchemaWords.TypeName(description)) is { } type
            && (description.Length == type.Name.Length || AttributeDescription.IsValid(description))
            ? type
            : throw Refuse(LdapResultCode.UndefinedAttributeType, dn, $"attribute {description} is not in the schema");

    public static LdapException Refuse(LdapResultCode code, string dn, string message) => new(code, $"{dn}: {message}");

    /// <summary>Whether the attribute has this value, by the type's equality rule.</summary>
    public int IndexOfValue(AttributeType type, IReadOnlyList<ReadOnlyMemory<byte>> values, ReadOnlyMemory<byte> value)
    {
        bool valid = schema.TryNormalize(type, value, out ReadOnlyMemory<byte> wanted);
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i].Span.SequenceEqual(value.Span)
                || (valid && schema.TryNormalize(type, values[i], out ReadOnlyMemory<byte> normal) && normal.Span.SequenceEqual(wanted.Span)))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>RFC 4512 section 2.4.2: what an entry is structurally does not change.</summary>
    /// <param name="shape">The entry's shape after the change.</param>
    public void CheckSameStructure(string dn, IReadOnlyList<LdapAttribute> before, ClassShape shape)
    {
        LdapAttribute? objectClass = new LdapEntry(dn, before).Find(SchemaWords.ObjectClass);
        ObjectClass? structural = objectClass is null ? null : ShapeOf(dn, objectClass).Structural;
        if (structural is not null && !ReferenceEquals(structural, shape.Structural))
        {
            throw Refuse(
                LdapResultCode.ObjectClassModsProhibited, dn,
                $"its structural object class {structural.Name} cannot become {shape.Structural.Name}; delete the entry and add it anew");
        }
    }

    private AttributeType CheckAttribute(string dn, LdapAttribute attribute, EntryKeys keys)
    {
        AttributeType type = TypeOf(dn, attribute.Description);
        IReadOnlyList<ReadOnlyMemory<byte>> values = attribute.Values;
        if (values.Count == 0)
        {
            throw Refuse(LdapResultCode.ProtocolError, dn, $"{attribute.Description} has no value");
        }

        if (type.SingleValue && values.Count > 1)
        {
            throw Refuse(LdapResultCode.ConstraintViolation, dn, $"{attribute.Description} takes one value, {values.Count} are given");
        }

        // Most equality rules refuse all that their own syntax refuses.
        bool checksSyntax = type.EqualityRule is not { } rule || rule.Syntax != type.Syntax || rule.Kind == MatchingRule.TelephoneNumber;
        IndexedAttribute? index = indexes.Find(type);
        ReadOnlyMemory<byte>[] normals = new ReadOnlyMemory<byte>[values.Count];
        for (int i = 0; i < normals.Length; i++)
        {
            if (!schema.TryNormalize(type, values[i], out normals[i]) || (checksSyntax && !Syntaxes.IsValid(type.Syntax, values[i].Span)))
            {
                throw Refuse(
                    LdapResultCode.InvalidAttributeSyntax, dn,
                    $"{attribute.Description}: {SchemaWords.Show(attribute.Description, values[i])} is not valid by its syntax ({Syntaxes.NameOf(type.Syntax)})");
            }

            if (index is not null)
            {
                keys.Add(index, normals[i].Span);
            }
        }

        if (FirstDuplicate(normals) is var duplicate and >= 0)
        {
            throw Refuse(
                LdapResultCode.AttributeOrValueExists, dn,
                $"{attribute.Description}: {SchemaWords.Show(attribute.Description, values[duplicate])} is given twice");
        }

        return type;
    }

    private static int FirstDuplicate(ReadOnlyMemory<byte>[] normals)
    {
        if (normals.Length <= PairwiseValues)
        {
            for (int i = 1; i < normals.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    if (normals[i].Span.SequenceEqual(normals[j].Span))
                    {
                        return i;
                    }
                }
            }

            return -1;
        }

        HashSet<ReadOnlyMemory<byte>> seen = new(normals.Length, OctetComparer.Instance);
        return Array.FindIndex(normals, n => !seen.Add(n));
    }

    private ClassShape ShapeOf(string dn, LdapAttribute objectClass)
    {
        string names = objectClass.Values.Count == 1
            ? Encoding.UTF8.GetString(objectClass.Values[0].Span)
            : string.Join('\n', objectClass.Strings);
        if (_shapes.TryGetValue(names, out ClassShape? shape))
        {
            return shape;
        }

        try
        {
            shape = new ClassShape(schema, objectClass);
        }
        catch (LdapException e)
        {
            throw Refuse(e.Code, dn, e.Message);
        }

        if (_shapes.Count < MaxShapes)
        {
            _shapes.TryAdd(names, shape);
        }

        return shape;
    }

    private static void CheckClasses(string dn, AttributeType[] types, ClassShape shape)
    {
        foreach (AttributeType type in types)
        {
            if (!shape.Allows(type))
            {
                throw Refuse(LdapResultCode.ObjectClassViolation, dn, $"{type.Name} is not allowed by its object classes ({shape.Structural.Name})");
            }
        }

        for (int i = 0; i < shape.Must.Count; i++)
        {
            if (!ContainsReference(types, shape.Must[i]))
            {
                throw Refuse(
                    LdapResultCode.ObjectClassViolation, dn, $"{shape.Must[i].Name} is missing, its object class {shape.Structural.Name} requires it");
            }
        }
    }

    private static bool ContainsReference(AttributeType[] types, AttributeType wanted)
    {
        foreach (AttributeType type in types)
        {
            if (ReferenceEquals(type, wanted))
            {
                return true;
            }
        }

        return false;
    }
}
