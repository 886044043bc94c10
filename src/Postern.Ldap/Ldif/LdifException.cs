namespace Postern.Ldap;

/// <summary>An LDIF file that cannot be read as RFC 2849 has it; the message begins with file and line.</summary>
/// <param name="line">Counted from 1.</param>
public sealed class LdifException(string fileName, int line, string message) : Exception($"{fileName}:{line}: {message}")
{
    public string FileName { get; } = fileName;

    public int Line { get; } = line;
}
