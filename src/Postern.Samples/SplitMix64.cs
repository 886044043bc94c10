namespace Postern.Samples;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014). Ours, because System.Random promises no sequence across .NET versions.
/// For sample data only; nothing secret comes from here.</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>0 .. <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public T Pick<T>(T[] choices) => choices[Below(choices.Length)];

    public string NextHex() => Next().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    public byte[] NextBytes(int count)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)Next();
        }

        return bytes;
    }

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
