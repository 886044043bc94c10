using System.Text;

namespace Postern.Ldap;

/// <summary>A name and its attributes, RFC 4512 section 2. Attribute names compare without regard to case.</summary>
/// <param name="Dn">The distinguished name as the directory wrote it.</param>
public sealed record LdapEntry(string Dn, IReadOnlyList<LdapAttribute> Attributes)
{
    /// <summary>The attribute of exactly this description (case ignored), or null.</summary>
    public LdapAttribute? Find(string description)
    {
        // Entries have a handful of attributes: a scan beats a dictionary in time and memory.
        for (int i = 0; i < Attributes.Count; i++)
        {
            if (AttributeDescription.Comparer.Equals(Attributes[i].Description, description))
            {
                return Attributes[i];
            }
        }

        return null;
    }

    /// <summary>The first value as text, or null when the attribute is absent or empty.</summary>
    public string? FirstString(string description) =>
        Find(description) is { Values.Count: > 0 } attribute ? Encoding.UTF8.GetString(attribute.Values[0].Span) : null;

    public IEnumerable<string> Strings(string description) => Find(description)?.Strings ?? [];
}
