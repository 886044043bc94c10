namespace Postern.Ldap;

/// <summary>Filter to text, RFC 4515.</summary>
public static class FilterPrinter
{
    public static string Print(Filter filter) => throw new NotImplementedException(filter.GetType().Name);
}
