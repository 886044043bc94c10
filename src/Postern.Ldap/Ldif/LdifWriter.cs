namespace Postern.Ldap;

/// <summary>Writes entries as LDIF content records, RFC 2849.</summary>
public sealed class LdifWriter(TextWriter writer)
{
    public void Write(LdapEntry entry) => throw new NotImplementedException($"{writer} {entry}");
}
