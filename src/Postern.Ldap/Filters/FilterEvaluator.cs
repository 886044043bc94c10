namespace Postern.Ldap;

/// <summary>Whether an entry matches a filter: true, false or undefined (null), RFC 4511 section 4.5.1.7.</summary>
public static class FilterEvaluator
{
    public static bool? Matches(Filter filter, LdapEntry entry, DirectorySchema schema) => throw new NotImplementedException();
}
