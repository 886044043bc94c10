namespace Postern.Ldap;

/// <summary>One step of a distinguished name: one attribute value, or several joined by <c>+</c>. RFC 4514 section 2.2.</summary>
/// <param name="Parts">Types as written and values without escapes, in the order written.</param>
/// <param name="Normalized">Canonical text: two that mean the same have the same.</param>
public sealed record RelativeDistinguishedName(IReadOnlyList<(string Type, string Value)> Parts, string Normalized)
{
    /// <summary>Lower-case short types, prepared values (caseIgnore, whatever the type), parts in ordinal order.</summary>
    internal static RelativeDistinguishedName Of(IReadOnlyList<(string Type, string Value)> parts)
    {
        if (parts.Count == 1)
        {
            return new RelativeDistinguishedName(parts, NormalizePart(parts[0]));
        }

        string[] normal = [.. parts.Select(NormalizePart)];
        Array.Sort(normal, StringComparer.Ordinal);
        return new RelativeDistinguishedName(parts, string.Join('+', normal));
    }

    public bool Equals(RelativeDistinguishedName? other) => other is not null && Normalized == other.Normalized;

    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join('+', Parts.Select(p => $"{p.Type}={DnEscaping.Escape(p.Value)}"));

    private static string NormalizePart((string Type, string Value) part) =>
        string.Concat(AttributeShortNames.Canonical(part.Type), "=", DnEscaping.Escape(StringPreparation.Prepare(part.Value, ignoreCase: true)));
}
