namespace Postern.Directory.Synchronization;

/// <summary>
/// Which entries a consumer was told of, one bit each: only so can an entry that has come to match be told from one that went on matching
/// (RFC 4533 section 3.4.2: "add" or "modify").
/// </summary>
internal sealed class KnownContent
{
    /// <summary>Entry ids up to here are remembered: 4 MiB for each consumer at most.</summary>
    private const long MaxId = 32 * 1024 * 1024;

    private const int BitsPerWord = 64;

    private ulong[] _words = [];

    public bool Contains(long id) => id / BitsPerWord < _words.Length && (_words[id / BitsPerWord] & Bit(id)) != 0;

    /// <returns>Whether the entry was there before.</returns>
    public bool Set(long id, bool known)
    {
        bool before = Contains(id);
        if (known && !before && id <= MaxId)
        {
            int word = (int)(id / BitsPerWord);
            if (word >= _words.Length)
            {
                Array.Resize(ref _words, Math.Max(word + 1, (int)Math.Min(_words.Length * 2L, (MaxId / BitsPerWord) + 1)));
            }

            _words[word] |= Bit(id);
        }
        else if (!known && before)
        {
            _words[id / BitsPerWord] &= ~Bit(id);
        }

        return before;
    }

    private static ulong Bit(long id) => 1UL << (int)(id % BitsPerWord);
}
