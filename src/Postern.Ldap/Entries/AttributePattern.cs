namespace Postern.Ldap;

/// <summary>
/// An attribute description that somebody asks for, and which descriptions of entries it means: the type under any of its names, its
/// subtypes (RFC 4512 section 2.5.1), and more options than those asked for (section 2.5.2). Answers are remembered; one caller at a time.
/// </summary>
public sealed class AttributePattern
{
    /// <summary>Descriptions remembered; entries of one search have a few dozen.</summary>
    internal const int MaxKnown = 256;

    private readonly DirectorySchema _schema;
    private readonly string _requested;
    private readonly string _options;
    private Dictionary<string, bool>? _known;

    public AttributePattern(string requested, DirectorySchema schema)
    {
        _schema = schema;
        _requested = requested;
        int semicolon = requested.IndexOf(';', StringComparison.Ordinal);
        string written = semicolon < 0 ? requested : requested[..semicolon];
        _options = semicolon < 0 ? "" : requested[semicolon..];
        Type = schema.FindAttribute(written);
    }

    /// <summary>Null when the schema does not know it: then only this very type is meant.</summary>
    public AttributeType? Type { get; }

    public bool Covers(string description)
    {
        if (ReferenceEquals(description, _requested) || description.Equals(_requested, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (_known is not null && _known.TryGetValue(description, out bool covered))
        {
            return covered;
        }

        covered = Compare(description);
        _known ??= new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        if (_known.Count < MaxKnown)
        {
            _known.Add(description, covered);
        }

        return covered;
    }

    private bool Compare(string description)
    {
        ReadOnlySpan<char> type = AttributeDescription.TypeOf(description);
        if (Type is null)
        {
            return AttributeDescription.Matches(description, _requested);
        }

        AttributeType? found = _schema.FindAttribute(type.Length == description.Length ? description : type.ToString());
        return found is not null && _schema.IsA(found, Type)
            && (_options.Length == 0 || AttributeDescription.Matches(description, string.Concat(type, _options)));
    }
}
