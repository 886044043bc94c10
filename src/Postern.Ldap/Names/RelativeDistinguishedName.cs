namespace Postern.Ldap;

/// <summary>One step of a distinguished name: one attribute value, or several joined by <c>+</c>. RFC 4514 section 2.2.</summary>
/// <param name="Parts">Types and unescaped values, in the order written.</param>
/// <param name="Normalized">Canonical text: two names that mean the same have the same.</param>
public sealed record RelativeDistinguishedName(IReadOnlyList<(string Type, string Value)> Parts, string Normalized)
{
    public bool Equals(RelativeDistinguishedName? other) => other is not null && Normalized == other.Normalized;

    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => throw new NotImplementedException();
}
