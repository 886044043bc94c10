using System.Text;

namespace Postern.Ldap;

/// <summary>PartialAttribute, RFC 4511 section 4.1.7: a description and its values as octets, in the order received.</summary>
/// <remarks>Values may be slices of the message they arrived in; whoever keeps an attribute long copies them.</remarks>
public sealed class LdapAttribute
{
    public LdapAttribute(string description, IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        Description = description;
        Values = values;
    }

    public LdapAttribute(string description, params string[] values)
        : this(description, Array.ConvertAll(values, v => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(v)))
    {
    }

    public LdapAttribute(string description, byte[] value)
        : this(description, [value])
    {
    }

    /// <summary>Type and options as sent, e.g. <c>cn</c> or <c>member;range=0-1499</c>.</summary>
    public string Description { get; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Values { get; }

    /// <summary>The values as UTF-8 text; octets that are not UTF-8 become U+FFFD.</summary>
    public IEnumerable<string> Strings => Values.Select(v => Encoding.UTF8.GetString(v.Span));

    public override string ToString() => $"{Description} ({Values.Count} values)";
}
