using System.Text;

namespace Postern.Ldap;

/// <summary>Whether an entry is of a class: of that very one or of a subclass. An entry has the superclasses of its classes too, RFC 4512
/// section 3.3, whether they were written down or not.</summary>
internal sealed class ClassTest : FilterTest
{
    public const string ObjectClassOid = "2.5.4.0";

    /// <summary>Longer than any class is called. Characters.</summary>
    private const int MaxNameLength = 256;

    private readonly AttributePattern _pattern;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;

    private ClassTest(AttributePattern pattern, HashSet<string> names)
        : base(pattern.Type)
    {
        _pattern = pattern;
        _names = names.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static FilterTest Create(AttributePattern pattern, ReadOnlySpan<byte> value, DirectorySchema schema)
    {
        if (!MatchingRules.TryNormalize(MatchingRule.ObjectIdentifier, value, out byte[] normal))
        {
            return UndefinedTest.Instance;
        }

        string name = Encoding.ASCII.GetString(normal);
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase) { name };
        if (schema.FindClass(name) is { } wanted)
        {
            foreach (ObjectClass below in schema.Classes.Where(c => schema.WithSuperiors(c).Contains(wanted)))
            {
                names.UnionWith(below.Names);
                names.Add(below.Oid);
            }
        }

        return new ClassTest(pattern, names);
    }

    public override bool? Matches(in FilterSubject subject)
    {
        Span<char> text = stackalloc char[MaxNameLength];
        for (int i = 0; i < subject.Count; i++)
        {
            LdapAttribute attribute = subject[i];
            if (!_pattern.Covers(attribute.Description))
            {
                continue;
            }

            for (int k = 0; k < attribute.Values.Count; k++)
            {
                ReadOnlySpan<byte> value = attribute.Values[k].Span.Trim((byte)' ');
                if (value.Length <= MaxNameLength && Ascii.IsValid(value) && _names.Contains(text[..Encoding.ASCII.GetChars(value, text)]))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
