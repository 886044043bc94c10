using System.Text;
using Postern.Ldap;

namespace Postern.Directory;

// RFC 4524 (partial): what mail directories use; schema/cosine.ldif

/// <summary>What a set of object classes asks of an entry, RFC 4512 section 2.4: worked out once per set.</summary>
internal sealed class ClassShape
{
    private const string ExtensibleObject = "extensibleObject";

    private readonly HashSet<AttributeType> _allowed = new(ReferenceEqualityComparer.Instance);
    private readonly bool _allowsAll;

    /// <exception cref="LdapException">objectClassViolation: unknown class, none or two structural ones. The text lacks the entry's name.</exception>
    public ClassShape(DirectorySchema schema, LdapAttribute objectClass)
    {
        HashSet<ObjectClass> classes = new(ReferenceEqualityComparer.Instance);
        foreach (ReadOnlyMemory<byte> value in objectClass.Values)
        {
            string name = Encoding.UTF8.GetString(value.Span);
            ObjectClass named = schema.FindClass(name) ?? throw Violation($"objectClass {SchemaWords.Show(SchemaWords.ObjectClass, value)} is not in the schema");
            classes.UnionWith(schema.WithSuperiors(named));
        }

        Structural = OnlyStructural(schema, [.. classes.Where(c => c.Kind == ObjectClassKind.Structural)]);
        Must = [.. classes.SelectMany(c => c.Must).Distinct(StringComparer.OrdinalIgnoreCase).Select(n => Attribute(schema, n))];
        _allowed.UnionWith(Must);
        _allowed.UnionWith(classes.SelectMany(c => c.May).Select(n => Attribute(schema, n)));
        _allowsAll = classes.Any(c => c.Name.Equals(ExtensibleObject, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The most specific structural class.</summary>
    public ObjectClass Structural { get; }

    public IReadOnlyList<AttributeType> Must { get; }

    public bool Allows(AttributeType type) => type.Operational || _allowsAll || _allowed.Contains(type);

    private static ObjectClass OnlyStructural(DirectorySchema schema, List<ObjectClass> structural)
    {
        // RFC 4512 section 2.4.2: one chain of structural classes; its end is what the entry is.
        List<ObjectClass> leaves = structural.FindAll(c => !structural.Any(other => other != c && IsBelow(schema, other, c)));
        return leaves.Count switch
        {
            1 => leaves[0],
            0 => throw Violation("objectClass names no structural class"),
            _ => throw Violation($"objectClass names the structural classes {leaves[0].Name} and {leaves[1].Name}, which do not derive from each other"),
        };
    }

    private static bool IsBelow(DirectorySchema schema, ObjectClass lower, ObjectClass upper) => schema.WithSuperiors(lower).Contains(upper);

    private static AttributeType Attribute(DirectorySchema schema, string name) =>
        schema.FindAttribute(name) ?? throw new InvalidOperationException($"the schema's classes name the attribute {name}, which the schema does not have");

    private static LdapException Violation(string message) => new(LdapResultCode.ObjectClassViolation, message);
}
