using System.Diagnostics.CodeAnalysis;

namespace Postern.Ldap;

/// <summary>A substrings assertion, RFC 4517 sections 4.2.6 and 4.2.12: the pieces occur in order and do not overlap.</summary>
/// <remarks>Blanks as in RFC 4518 section 2.6.1, with one blank where it has two: a value is held between blanks, so that a piece
/// that begins or ends with one can match at the value's ends.</remarks>
internal sealed class SubstringAssertion
{
    private readonly MatchingRule _rule;
    private readonly byte[] _initial;
    private readonly byte[][] _any;
    private readonly byte[] _final;

    private SubstringAssertion(MatchingRule rule, byte[] initial, byte[][] any, byte[] final)
    {
        _rule = rule;
        _initial = initial;
        _any = any;
        _final = final;
    }

    private bool IsText => _rule is MatchingRule.CaseIgnore or MatchingRule.CaseExact;

    /// <returns>False when the rule knows no substrings or a piece is not of its syntax: undefined.</returns>
    public static bool TryCreate(MatchingRule rule, SubstringFilter filter, [NotNullWhen(true)] out SubstringAssertion? assertion)
    {
        assertion = null;
        if (rule is not (MatchingRule.CaseIgnore or MatchingRule.CaseExact or MatchingRule.OctetString))
        {
            return false;
        }

        byte[] initial = [];
        byte[] final = [];
        if ((filter.Initial is { } first && !TryPiece(rule, first.Span, atStart: true, atEnd: false, out initial))
            || (filter.Final is { } last && !TryPiece(rule, last.Span, atStart: false, atEnd: true, out final)))
        {
            return false;
        }

        byte[][] any = new byte[filter.Any.Count][];
        for (int i = 0; i < any.Length; i++)
        {
            if (!TryPiece(rule, filter.Any[i].Span, atStart: false, atEnd: false, out any[i]))
            {
                return false;
            }
        }

        assertion = new SubstringAssertion(rule, initial, any, final);
        return true;
    }

    public bool MatchesAny(IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (Matches(values[i].Span))
            {
                return true;
            }
        }

        return false;
    }

    private bool Matches(ReadOnlySpan<byte> value)
    {
        if (IsText)
        {
            if (!MatchingRules.TryNormalize(_rule, value, out byte[] normal))
            {
                return false;
            }

            value = normal is [(byte)' '] ? normal : (byte[])[(byte)' ', .. normal, (byte)' '];
        }

        if (!value.StartsWith(_initial))
        {
            return false;
        }

        value = value[_initial.Length..];
        foreach (byte[] piece in _any)
        {
            int at = value.IndexOf(piece);
            if (at < 0)
            {
                return false;
            }

            value = value[(at + piece.Length)..];
        }

        return value.EndsWith(_final);
    }

    private static bool TryPiece(MatchingRule rule, ReadOnlySpan<byte> piece, bool atStart, bool atEnd, out byte[] prepared)
    {
        if (rule == MatchingRule.OctetString)
        {
            prepared = piece.ToArray();
            return true;
        }

        // Between two letters the blanks at the piece's ends survive preparation; at the value's ends there is exactly one.
        prepared = [];
        byte[] fenced = [(byte)'x', .. piece, (byte)'x'];
        if (piece.IsEmpty || !MatchingRules.TryNormalize(rule, fenced, out byte[] normal))
        {
            return false;
        }

        ReadOnlySpan<byte> inner = normal.AsSpan(1, normal.Length - 2);
        prepared = (atStart, atEnd) switch
        {
            (true, _) => [(byte)' ', .. inner.TrimStart((byte)' ')],
            (_, true) => [.. inner.TrimEnd((byte)' '), (byte)' '],
            _ => inner.ToArray(),
        };
        return true;
    }
}
