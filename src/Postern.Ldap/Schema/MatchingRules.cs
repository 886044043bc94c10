namespace Postern.Ldap;

/// <summary>Normal forms of values by matching rule, RFC 4517 and RFC 4518.</summary>
public static class MatchingRules
{
    public static bool TryNormalize(MatchingRule rule, ReadOnlySpan<byte> value, out byte[] normal) => throw new NotImplementedException();
}
