namespace Postern.Ldap;

/// <summary>Text to filter, RFC 4515.</summary>
public static class FilterParser
{
    public static Filter Parse(string text) => throw new NotImplementedException(text);
}
