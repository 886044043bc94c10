using System.Text;

namespace Postern.Ldap;

// RFC 4515 (complete): reading and writing

/// <summary>Text to filter, RFC 4515; empty <c>(&amp;)</c> and <c>(|)</c> as RFC 4526 has them. Blanks between filters are ignored.</summary>
public static class FilterParser
{
    /// <exception cref="FormatException">No filter; says at which character and what is wrong there.</exception>
    public static Filter Parse(string text) => TryParse(text, out Filter? filter, out string error) ? filter : throw new FormatException(error);

    /// <param name="error">Empty, or what is wrong and at which character.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Filter? filter, out string error)
    {
        FilterText parser = new(text, LdapLimits.Default);
        filter = parser.Parse();
        error = parser.Error ?? "";
        return filter is not null;
    }

    private struct FilterText(string text, LdapLimits limits)
    {
        private readonly string _text = text;
        private FilterBudget _budget = new(limits);
        private int _position;

        public string? Error { get; private set; }

        public Filter? Parse()
        {
            SkipBlanks();
            Filter? filter = ReadFilter(1);
            SkipBlanks();
            return filter is not null && _position < _text.Length ? Fail("text after the filter's end") : filter;
        }

        private readonly char Next => _position < _text.Length ? _text[_position] : '\0';

        private Filter? ReadFilter(int depth)
        {
            if (_budget.Refuses(depth) is { } refusal)
            {
                return Fail(refusal);
            }

            if (Next != '(')
            {
                return Fail("a filter begins with \"(\"");
            }

            _position++;
            SkipBlanks();
            Filter? filter;
            switch (Next)
            {
                case '&':
                    List<Filter>? all = ReadSet(depth);
                    filter = all is null ? null : new AndFilter(all);
                    break;
                case '|':
                    List<Filter>? any = ReadSet(depth);
                    filter = any is null ? null : new OrFilter(any);
                    break;
                case '!':
                    _position++;
                    SkipBlanks();
                    Filter? inner = ReadFilter(depth + 1);
                    SkipBlanks();
                    filter = inner is null ? null : new NotFilter(inner);
                    break;
                default:
                    filter = ReadItem(depth);
                    break;
            }

            if (filter is null)
            {
                return null;
            }

            if (Next != ')')
            {
                return Fail("\")\" is missing");
            }

            _position++;
            return filter;
        }

        private List<Filter>? ReadSet(int depth)
        {
            _position++;
            List<Filter> filters = [];
            for (SkipBlanks(); Next == '('; SkipBlanks())
            {
                Filter? filter = ReadFilter(depth + 1);
                if (filter is null)
                {
                    return null;
                }

                filters.Add(filter);
            }

            return filters;
        }

        private Filter? ReadItem(int depth)
        {
            int start = _position;
            int equals = _text.IndexOf('=', start);
            if (equals < 0)
            {
                return Fail("\"=\" is missing");
            }

            char kind = equals > start ? _text[equals - 1] : '=';
            int end = kind is '>' or '<' or '~' or ':' ? equals - 1 : equals;
            string left = _text[start..end].Trim(' ');
            if (kind == ':')
            {
                return ReadExtensible(left, start, equals);
            }

            if (!AttributeDescription.IsValid(left))
            {
                return Fail($"\"{left}\" is no attribute description");
            }

            _position = equals + 1;
            if (kind is not ('>' or '<' or '~'))
            {
                return ReadEqualityOrSubstrings(left, depth);
            }

            if (!TryReadValue(out byte[] value))
            {
                return null;
            }

            return kind switch
            {
                '>' => new GreaterOrEqualFilter(left, value),
                '<' => new LessOrEqualFilter(left, value),
                _ => new ApproximateFilter(left, value),
            };
        }

        /// <summary><c>attr[:dn][:rule]:=value</c> or <c>[:dn]:rule:=value</c>.</summary>
        private Filter? ReadExtensible(string left, int start, int equals)
        {
            string[] parts = left.Split(':');
            int next = 1;
            bool dnAttributes = parts.Length > next && parts[next].Equals("dn", StringComparison.OrdinalIgnoreCase);
            next += dnAttributes ? 1 : 0;
            string? rule = parts.Length > next ? parts[next++] : null;
            string? attribute = parts[0].Length > 0 ? parts[0] : null;
            bool valid = next == parts.Length && (attribute is null || AttributeDescription.IsValid(attribute))
                && (rule is null || (!rule.Contains(';', StringComparison.Ordinal) && AttributeDescription.IsValid(rule)));
            if (!valid || (attribute is null && rule is null))
            {
                _position = start;
                return Fail($"\"{left}:=\" is no attribute:dn:rule:=");
            }

            _position = equals + 1;
            return TryReadValue(out byte[] value) ? new ExtensibleFilter(rule, attribute, value, dnAttributes) : null;
        }

        private Filter? ReadEqualityOrSubstrings(string attribute, int depth)
        {
            if (!TryReadPiece(out byte[] first))
            {
                return null;
            }

            if (Next != '*')
            {
                return new EqualityFilter(attribute, first);
            }

            List<ReadOnlyMemory<byte>> any = [];
            byte[] last = [];
            int stars = 0;
            while (Next == '*')
            {
                if (stars > 0 && last.Length > 0)
                {
                    any.Add(last);
                }

                if (_budget.Refuses(depth) is { } refusal)
                {
                    return Fail(refusal);
                }

                stars++;
                _position++;
                if (!TryReadPiece(out last))
                {
                    return null;
                }
            }

            if (first.Length == 0 && last.Length == 0 && any.Count == 0)
            {
                return new PresentFilter(attribute);
            }

            return new SubstringFilter(attribute, first.Length > 0 ? first : (ReadOnlyMemory<byte>?)null, any, last.Length > 0 ? last : (ReadOnlyMemory<byte>?)null);
        }

        /// <summary>A value in which <c>*</c> has no place.</summary>
        private bool TryReadValue(out byte[] value)
        {
            if (!TryReadPiece(out value))
            {
                return false;
            }

            if (Next == '*')
            {
                Fail("* has no meaning here; as a character it is written \\2a");
                return false;
            }

            return true;
        }

        /// <summary>Up to <c>*</c>, <c>)</c> or the end, without escapes, as UTF-8.</summary>
        private bool TryReadPiece(out byte[] value)
        {
            value = [];
            int length = _text.AsSpan(_position).IndexOfAny("()*\\\0");
            int end = length < 0 ? _text.Length : _position + length;
            if (end == _text.Length || _text[end] is ')' or '*')
            {
                value = Encoding.UTF8.GetBytes(_text, _position, end - _position);
                _position = end;
                return true;
            }

            List<byte> octets = new(64);
            int plain = _position;
            for (; _position < _text.Length && _text[_position] is not (')' or '*'); _position++)
            {
                char c = _text[_position];
                if (c is '(' or '\0')
                {
                    Fail(c == '(' ? "( in a value is written \\28" : "NUL in a value is written \\00");
                    return false;
                }

                if (c != '\\')
                {
                    continue;
                }

                octets.AddRange(Encoding.UTF8.GetBytes(_text, plain, _position - plain));
                if (_position + 2 >= _text.Length || !char.IsAsciiHexDigit(_text[_position + 1]) || !char.IsAsciiHexDigit(_text[_position + 2]))
                {
                    Fail("after \\ belong two hexadecimal digits");
                    return false;
                }

                octets.Add(Convert.ToByte(_text.Substring(_position + 1, 2), 16));
                _position += 2;
                plain = _position + 1;
            }

            octets.AddRange(Encoding.UTF8.GetBytes(_text, plain, _position - plain));
            value = [.. octets];
            return true;
        }

        private void SkipBlanks()
        {
            while (_position < _text.Length && _text[_position] is ' ' or '\t' or '\r' or '\n')
            {
                _position++;
            }
        }

        private Filter? Fail(string what)
        {
            Error ??= $"filter, character {_position + 1}: {what}";
            return null;
        }
    }
}
