using System.Text;
using Postern.Ldap;

namespace Postern.Directory;

// RFC 2798 (partial): what mail directories use; schema/inetorgperson.ldif

/// <summary>Short questions to attributes and their types that several parts of the engine ask.</summary>
internal static class SchemaWords
{
    public const string ObjectClass = "objectClass";
    public const string UserPassword = "userPassword";
    public const string EntryUuid = "entryUUID";
    public const string NumSubordinates = "numSubordinates";

    /// <summary>The attribute's type as a string, without options.</summary>
    public static string TypeName(this LdapAttribute attribute) => TypeName(attribute.Description);

    public static string TypeName(string description) =>
        description.Contains(';', StringComparison.Ordinal) ? AttributeDescription.TypeOf(description).ToString() : description;

    /// <summary>Never shown, never compared over the protocol.</summary>
    public static bool IsSecret(string description) =>
        AttributeDescription.TypeOf(description).Equals(UserPassword, StringComparison.OrdinalIgnoreCase);

    /// <summary>The value's normal form. Octets are their own: nothing is copied. An OID that the schema knows is its name.</summary>
    public static bool TryNormalize(this DirectorySchema schema, AttributeType type, ReadOnlyMemory<byte> value, out ReadOnlyMemory<byte> normal)
    {
        if (type.Equality is MatchingRule.OctetString or MatchingRule.None)
        {
            normal = value;
            return true;
        }

        bool valid = MatchingRules.TryNormalize(type.Equality, value.Span, out byte[] bytes);
        normal = bytes;
        if (valid && type.Equality == MatchingRule.ObjectIdentifier && char.IsAsciiDigit((char)bytes[0]))
        {
            string oid = Encoding.ASCII.GetString(bytes);
            string name = schema.FindClass(oid)?.Name ?? schema.FindAttribute(oid)?.Name ?? oid;
            normal = Encoding.ASCII.GetBytes(name.ToLowerInvariant());
        }

        return valid;
    }

    /// <summary>A value as messages show it: short, printable text as it is, everything else by its length.</summary>
    public static string Show(string description, ReadOnlyMemory<byte> value)
    {
        const int Shown = 64;
        if (IsSecret(description) || value.Length > Shown)
        {
            return $"a value of {value.Length} octets";
        }

        foreach (byte octet in value.Span)
        {
            if (octet is < 0x20 or > 0x7e)
            {
                return $"a value of {value.Length} octets";
            }
        }

        return $"\"{Encoding.ASCII.GetString(value.Span)}\"";
    }
}
