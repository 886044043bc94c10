using System.Diagnostics.CodeAnalysis;
using System.Text;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>Objects of the configuration as entries: one reader and one writer for all classes, made from their fields.</summary>
internal static class ConfigurationEntry
{
    private const string True = "TRUE";

    private const string False = "FALSE";

    /// <summary>Everything of an object but its class and cn. A field that is not set stands here without values.</summary>
    /// <param name="onEdge">On an edge the name is an attribute of its own, as the entry is named by an id.</param>
    public static List<LdapAttribute> ToAttributes(ConfigurationClass kind, ConfigurationObject one, bool onEdge)
    {
        List<LdapAttribute> attributes = [.. kind.Fields.Select(field => ToAttribute(field, one))];
        if (onEdge || kind.NameAttribute != PosternAttributes.ObjectName)
        {
            attributes.Insert(0, new LdapAttribute(kind.NameAttribute, one.Name));
        }

        return attributes;
    }

    public static LdapAttribute ToAttribute(ConfigurationField field, ConfigurationObject one)
    {
        IReadOnlyList<string> texts = field.Read(one);
        return new LdapAttribute(field.Attribute, [.. texts.Select(text => ToOctets(field.Shape, text))]);
    }

    /// <summary>The other way round. Attributes that are not there mean defaults; rules between fields are checked too.</summary>
    public static bool TryRead(ConfigurationClass kind, LdapEntry entry, [NotNullWhen(true)] out ConfigurationObject? one, [NotNullWhen(false)] out string? error)
    {
        one = null;
        if (!kind.TryMake(NameOf(kind, entry), out ConfigurationObject? made, out error))
        {
            return false;
        }

        Dictionary<string, IReadOnlyList<string>> values = [];
        foreach (ConfigurationField field in kind.Fields)
        {
            if (entry.Find(field.Attribute) is { Values.Count: > 0 } attribute)
            {
                values.Add(field.Name, [.. attribute.Values.Select(value => ToText(field.Shape, value.Span))]);
            }
        }

        return kind.TrySet(made, values, out one, out error);
    }

    public static string NameOf(ConfigurationClass kind, LdapEntry entry) =>
        entry.FirstString(kind.NameAttribute) ?? entry.FirstString("cn") ?? entry.Dn;

    private static ReadOnlyMemory<byte> ToOctets(FieldShape shape, string text) => shape switch
    {
        FieldShape.Switch => Encoding.ASCII.GetBytes(text == "true" ? True : False),
        FieldShape.Octets => Convert.FromBase64String(text),
        _ => Encoding.UTF8.GetBytes(text),
    };

    private static string ToText(FieldShape shape, ReadOnlySpan<byte> value) => shape switch
    {
        FieldShape.Octets => Convert.ToBase64String(value),
        _ => Encoding.UTF8.GetString(value),
    };
}
