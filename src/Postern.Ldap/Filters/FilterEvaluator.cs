namespace Postern.Ldap;

// RFC 4526 (complete): `(&)` and `(|)`

/// <summary>Holds a filter against one entry. Who has many entries compiles it once: <see cref="CompiledFilter"/>.</summary>
public static class FilterEvaluator
{
    /// <returns>True, false or undefined (null), RFC 4511 section 4.5.1.7.</returns>
    public static bool? Matches(Filter filter, LdapEntry entry, DirectorySchema schema) => CompiledFilter.Compile(filter, schema).Matches(entry);
}
