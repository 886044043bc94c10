using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Ldap;

/// <summary>A substrings assertion, RFC 4517 sections 4.2.6 and 4.2.12: the pieces occur in order and do not overlap.</summary>
/// <remarks>Blanks as in RFC 4518 section 2.6.1, with one blank where it has two: a value is held between blanks, so that a piece
/// that begins or ends with one can match at the value's ends.</remarks>
internal sealed class SubstringAssertion
{
    /// <summary>Composes with no combining mark that a piece may begin with.</summary>
    private const byte Fence = (byte)'!';

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

    /// <returns>False when the rule knows no substrings or a piece is not of its syntax: undefined.</returns>
    public static bool TryCreate(MatchingRule rule, SubstringFilter filter, [NotNullWhen(true)] out SubstringAssertion? assertion)
    {
        assertion = null;
        if (!MatchingRules.HasSubstrings(rule))
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

    /// <summary>From the text form that an extensible match has, RFC 4517 section 3.3.30: <c>initial*any*final</c>, with <c>\2A</c> and
    /// <c>\5C</c> for the characters themselves.</summary>
    public static bool TryCreate(MatchingRule rule, ReadOnlyMemory<byte> text, [NotNullWhen(true)] out SubstringAssertion? assertion)
    {
        assertion = null;
        List<ReadOnlyMemory<byte>> pieces = [];
        while (true)
        {
            int star = text.Span.IndexOf((byte)'*');
            if (!TryUnescape(star < 0 ? text.Span : text.Span[..star], out byte[] piece))
            {
                return false;
            }

            pieces.Add(piece);
            if (star < 0)
            {
                break;
            }

            text = text[(star + 1)..];
        }

        List<ReadOnlyMemory<byte>> inner = pieces.Count < 2 ? [] : pieces[1..^1];
        return pieces.Count >= 2 && !inner.Exists(p => p.IsEmpty) && !pieces.TrueForAll(p => p.IsEmpty)
            && TryCreate(rule, new SubstringFilter("", Optional(pieces[0]), inner, Optional(pieces[^1])), out assertion);

        static ReadOnlyMemory<byte>? Optional(ReadOnlyMemory<byte> piece) => piece.IsEmpty ? (ReadOnlyMemory<byte>?)null : piece;
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

    public bool Matches(ReadOnlySpan<byte> value)
    {
        if (_rule != MatchingRule.OctetString)
        {
            if (!MatchingRules.TryNormalize(_rule, value, out byte[] normal))
            {
                return false;
            }

            value = !MatchingRules.IsText(_rule) || normal is [(byte)' '] ? normal : (byte[])[(byte)' ', .. normal, (byte)' '];
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
        prepared = piece.ToArray();
        if (rule == MatchingRule.OctetString)
        {
            return true;
        }

        if (!MatchingRules.IsText(rule))
        {
            return MatchingRules.TryNormalize(rule, piece, out prepared); // blanks are nothing, wherever they are
        }

        // Between two marks the blanks at the piece's ends survive preparation; at the value's ends there is exactly one.
        byte[] fenced = [Fence, .. piece, Fence];
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

    private static bool TryUnescape(ReadOnlySpan<byte> text, out byte[] piece)
    {
        List<byte> octets = new(text.Length);
        piece = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.Add(text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte octet))
            {
                return false;
            }

            octets.Add(octet);
            i += 2;
        }

        piece = [.. octets];
        return true;
    }
}
