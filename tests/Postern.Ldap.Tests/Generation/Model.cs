using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Postern.Ldap.Tests.Generation;

/// <summary>Writes a model out in full, so that two can be compared: records compare lists and octets by reference.</summary>
internal static class Model
{
    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        ReadOnlyMemory<byte> octets => Convert.ToHexStringLower(octets.Span),
        Enum or bool or int => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Describe))}]",
        LdapAttribute attribute => $"{Describe(attribute.Description)}:{Describe(attribute.Values)}",
        _ => $"{value.GetType().Name}{{{string.Join(", ", Properties(value))}}}",
    };

    private static IEnumerable<string> Properties(object value) => value.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.GetIndexParameters().Length == 0)
        .Select(p => $"{p.Name}={Describe(p.GetValue(value))}");
}
