namespace Postern.Ldap;

/// <summary>A schema file that cannot be used, and where.</summary>
public sealed class SchemaException(string file, int line, string problem) : Exception($"{file}, line {line}: {problem}")
{
    public string File => file;

    public int Line => line;
}
