using System.Buffers;
using System.Collections.Concurrent;
using Postern.Ldap;

namespace Postern.Directory;

/// <summary>Parsed names that come again and again: bases of searches, parents of entries.</summary>
internal sealed class NameCache
{
    /// <summary>Names kept; a client that invents names cannot make it grow further. Some 100 KiB.</summary>
    private const int MaxNames = 256;

    /// <summary>Longer names are not worth keeping. Characters.</summary>
    private const int MaxLength = 256;

    /// <summary>What makes the first step of a name more than "type=value" that is taken as it stands.</summary>
    private static readonly SearchValues<char> NeedsParser = SearchValues.Create("\\\"+,;<>#= \0");

    private readonly ConcurrentDictionary<string, DistinguishedName> _names = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DistinguishedName>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public NameCache() => _bySpan = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A name that is asked for as a whole.</summary>
    /// <exception cref="LdapException">invalidDNSyntax.</exception>
    public DistinguishedName Parse(string text)
    {
        if (_names.TryGetValue(text, out DistinguishedName? known))
        {
            return known;
        }

        DistinguishedName name = DistinguishedName.Parse(text);
        if (text.Length <= MaxLength && _names.Count < MaxNames)
        {
            _names.TryAdd(text, name);
        }

        return name;
    }

    /// <summary>A name whose parent is likely to be known, while it itself is new.</summary>
    /// <exception cref="LdapException">invalidDNSyntax.</exception>
    public DistinguishedName ParseBelowKnown(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (comma < 0 || equals <= 0 || equals + 1 >= comma || text.AsSpan(equals + 1, comma - equals - 1).ContainsAny(NeedsParser)
            || !AttributeDescription.IsValid(text.AsSpan(0, equals)) || text.AsSpan(0, equals).Contains(';'))
        {
            return DistinguishedName.Parse(text);
        }

        if (!_bySpan.TryGetValue(text.AsSpan(comma + 1), out DistinguishedName? parent))
        {
            parent = Parse(text[(comma + 1)..]);
        }

        // "cn=x," is no name: only a parser can say so properly.
        return parent.IsRoot ? DistinguishedName.Parse(text) : parent.Child(text[..equals], text[(equals + 1)..comma]);
    }
}
