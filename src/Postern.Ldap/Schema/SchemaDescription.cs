namespace Postern.Ldap;

/// <summary>The words of one description, RFC 4512 section 4.1: <c>( oid KEY value KEY ( value $ value ) )</c>.</summary>
internal sealed class SchemaDescription
{
    private readonly string _text;
    private readonly Dictionary<string, List<string>?> _fields = new(StringComparer.Ordinal);
    private int _position;

    private SchemaDescription(string text) => _text = text;

    public string Oid { get; private set; } = "";

    public IEnumerable<string> Keys => _fields.Keys;

    /// <param name="flags">Keys without a value.</param>
    /// <exception cref="FormatException">What is wrong.</exception>
    public static SchemaDescription Parse(string text, IReadOnlyCollection<string> flags)
    {
        SchemaDescription description = new(text);
        description.Parse(flags);
        return description;
    }

    public bool Has(string key) => _fields.ContainsKey(key);

    /// <exception cref="FormatException">Several values.</exception>
    public string? Single(string key) => !_fields.TryGetValue(key, out List<string>? values) || values is null ? null
        : values.Count == 1 ? values[0]
        : throw new FormatException($"{key} takes one value, not {values.Count}");

    public IReadOnlyList<string> Several(string key) => _fields.GetValueOrDefault(key) ?? [];

    private void Parse(IReadOnlyCollection<string> flags)
    {
        Expect("(");
        Oid = Word() ?? throw new FormatException("the OID is missing");
        if (!char.IsAsciiDigit(Oid[0]) || !AttributeDescription.IsValid(Oid))
        {
            throw new FormatException($"\"{Oid}\" is no numeric OID");
        }

        while (true)
        {
            string word = Word() ?? throw new FormatException("the closing parenthesis is missing");
            if (word == ")")
            {
                break;
            }

            if (word is "(" or "$" || word[0] == '\'')
            {
                throw new FormatException($"{word} stands where a keyword belongs");
            }

            if (!_fields.TryAdd(word, flags.Contains(word) ? null : Values(word)))
            {
                throw new FormatException($"{word} is given twice");
            }
        }

        if (Word() is { } more)
        {
            throw new FormatException($"{more} follows the closing parenthesis");
        }
    }

    private List<string> Values(string key)
    {
        string first = Word() ?? throw new FormatException($"{key} has no value");
        if (first != "(")
        {
            return [Unquoted(first, key)];
        }

        List<string> values = [];
        while (true)
        {
            string word = Word() ?? throw new FormatException($"the list of {key} does not end");
            if (word == ")")
            {
                return values.Count > 0 ? values : throw new FormatException($"the list of {key} is empty");
            }

            if (word != "$")
            {
                values.Add(Unquoted(word, key));
            }
        }
    }

    private static string Unquoted(string word, string key)
    {
        if (word is ")" or "$" or "(")
        {
            throw new FormatException($"{key} has no value");
        }

        // qdstring: \27 and \5C stand for what would end or escape.
        return word[0] != '\'' ? word
            : word[1..^1].Replace("\\27", "'", StringComparison.Ordinal).Replace("\\5C", "\\", StringComparison.OrdinalIgnoreCase);
    }

    private void Expect(string wanted)
    {
        if (Word() != wanted)
        {
            throw new FormatException($"a description begins with {wanted}");
        }
    }

    private string? Word()
    {
        while (_position < _text.Length && _text[_position] == ' ')
        {
            _position++;
        }

        if (_position == _text.Length)
        {
            return null;
        }

        int start = _position++;
        if (_text[start] is '(' or ')' or '$')
        {
            return _text.Substring(start, 1);
        }

        if (_text[start] == '\'')
        {
            int end = _text.IndexOf('\'', _position);
            _position = end < 0 ? throw new FormatException("a ' has no end") : end + 1;
            return _text[start.._position];
        }

        while (_position < _text.Length && _text[_position] is not (' ' or '(' or ')' or '$' or '\''))
        {
            _position++;
        }

        return _text[start.._position];
    }
}
