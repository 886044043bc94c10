namespace Postern.Ldap;

/// <summary>Gathers the values of an entry's attributes, whose lines may stand anywhere in the record.</summary>
internal sealed class LdifAttributes
{
    /// <summary>Up to so many attributes a scan finds a name faster than a dictionary; beyond, a scan would be quadratic.</summary>
    private const int ScanUpTo = 16;

    private readonly List<Slot> _slots = [];
    private readonly Dictionary<string, Slot> _index = new(AttributeDescription.Comparer);

    /// <returns>False when the name is no attribute description.</returns>
    public bool TryAdd(string name, ReadOnlyMemory<byte> value)
    {
        if (Find(name) is { } slot)
        {
            slot.Values.Add(value);
            return true;
        }

        if (!AttributeDescription.IsValid(name))
        {
            return false;
        }

        slot = new Slot(name, [value]);
        _slots.Add(slot);
        if (_slots.Count == ScanUpTo)
        {
            _slots.ForEach(s => _index.Add(s.Name, s));
        }
        else if (_slots.Count > ScanUpTo)
        {
            _index.Add(name, slot);
        }

        return true;
    }

    /// <summary>The attributes in the order of their first values; begins anew.</summary>
    public IReadOnlyList<LdapAttribute> Take()
    {
        LdapAttribute[] attributes = new LdapAttribute[_slots.Count];
        for (int i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new LdapAttribute(_slots[i].Name, _slots[i].Values);
        }

        _slots.Clear();
        _index.Clear();
        return attributes;
    }

    private Slot? Find(string name)
    {
        if (_slots.Count >= ScanUpTo)
        {
            return _index.GetValueOrDefault(name);
        }

        for (int i = _slots.Count - 1; i >= 0; i--)
        {
            if (AttributeDescription.Comparer.Equals(_slots[i].Name, name))
            {
                return _slots[i];
            }
        }

        return null;
    }

    private sealed record Slot(string Name, List<ReadOnlyMemory<byte>> Values);
}
