namespace Postern.Ldap;

/// <summary>Distinguished name in its text form, RFC 4514. Equal when the names mean the same entry.</summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    private DistinguishedName(IReadOnlyList<RelativeDistinguishedName> rdns, string normalized)
    {
        Rdns = rdns;
        Normalized = normalized;
    }

    public static DistinguishedName Root { get; } = new([], "");

    public IReadOnlyList<RelativeDistinguishedName> Rdns { get; }

    public string Normalized { get; }

    public bool IsRoot => Rdns.Count == 0;

    public RelativeDistinguishedName Rdn => Rdns[0];

    public DistinguishedName Parent => throw new NotImplementedException();

    public static DistinguishedName Parse(string text) => throw new NotImplementedException(text);

    public static bool TryParse(string text, out DistinguishedName dn, out string error) => throw new NotImplementedException(text);

    public static string EscapeValue(string value) => throw new NotImplementedException(value);

    public bool IsWithin(DistinguishedName ancestor) => throw new NotImplementedException();

    public DistinguishedName Child(string type, string value) => throw new NotImplementedException();

    public bool Equals(DistinguishedName? other) => other is not null && Normalized == other.Normalized;

    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => throw new NotImplementedException();
}
