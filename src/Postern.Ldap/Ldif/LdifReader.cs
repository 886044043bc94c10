namespace Postern.Ldap;

/// <summary>Streams the records of an LDIF file, RFC 2849.</summary>
public sealed class LdifReader(Stream stream, string fileName, LdifLimits? limits = null)
{
    public IEnumerable<LdifRecord> Read() => throw new NotImplementedException($"{stream} {fileName} {limits}");
}
