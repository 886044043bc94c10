namespace Postern.Directory.Storage;

/// <summary>What one entry has in the indexes, its name apart.</summary>
internal sealed class EntryKeys
{
    private long[] _hashes = new long[4];

    public int HashCount { get; private set; }

    public ReadOnlySpan<long> Hashes => _hashes.AsSpan(0, HashCount);

    public List<TextKey>? Texts { get; private set; }

    public void Add(IndexedAttribute attribute, ReadOnlySpan<byte> normal)
    {
        if (attribute.Kind == IndexKind.Text)
        {
            (Texts ??= []).Add(new TextKey(attribute.Number, IndexedAttribute.Cut(normal).ToArray()));
            return;
        }

        if (HashCount == _hashes.Length)
        {
            Array.Resize(ref _hashes, HashCount * 2);
        }

        _hashes[HashCount++] = attribute.Key(normal);
    }

    /// <summary>Long values with the same beginning, or the same value under two options, share a key: one row serves them.</summary>
    public void RemoveDuplicates()
    {
        if (HashCount > 1)
        {
            RemoveDuplicateHashes();
        }

        if (Texts is { Count: > 1 })
        {
            Texts = [.. Texts.Distinct()];
        }
    }

    private void RemoveDuplicateHashes()
    {
        Span<long> hashes = _hashes.AsSpan(0, HashCount);
        hashes.Sort();
        int kept = 0;
        for (int i = 0; i < hashes.Length; i++)
        {
            if (i == 0 || hashes[i] != hashes[i - 1])
            {
                hashes[kept++] = hashes[i];
            }
        }

        HashCount = kept;
    }
}

/// <summary>A row of the text index without its entry. Equal by content.</summary>
internal readonly record struct TextKey(int Attribute, byte[] Value)
{
    public bool Equals(TextKey other) => Attribute == other.Attribute && Value.AsSpan().SequenceEqual(other.Value);

    public override int GetHashCode() => HashCode.Combine(Attribute, KeyHash.Of(Value));
}
