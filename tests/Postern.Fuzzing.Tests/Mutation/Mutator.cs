using System.Buffers.Binary;

namespace Postern.Fuzzing.Tests.Mutation;

/// <summary>Damages octets in the ways that hurt readers of BER and of text. The same seed, the same damage.</summary>
internal sealed class Mutator(int seed)
{
    /// <summary>Octets; an input stays below this, so that the time goes into many inputs.</summary>
    private const int MaxBytes = 64 * 1024;
    private const int MaxStacked = 4;
    private const int MaxNesting = 10_000;

    private static readonly byte[] Interesting = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0x89, 0xff, 0xfe, 0x30, 0x31, 0x04, 0x02, 0x0a, 0x01, 0xa0, 0xa2, 0xa4, 0xa9, 0x87];

    private static readonly byte[][] Tokens =
    [
        "("u8.ToArray(), ")"u8.ToArray(), "(&"u8.ToArray(), "(!"u8.ToArray(), "*"u8.ToArray(), "\\"u8.ToArray(), "\\2a"u8.ToArray(), ":dn:="u8.ToArray(),
        ":="u8.ToArray(), ">="u8.ToArray(), "~="u8.ToArray(), ","u8.ToArray(), "+"u8.ToArray(), "="u8.ToArray(), "#"u8.ToArray(), "#0401"u8.ToArray(), "\""u8.ToArray(),
        ";binary"u8.ToArray(), "\n"u8.ToArray(), "\r\n"u8.ToArray(), "\n "u8.ToArray(), "\n-\n"u8.ToArray(), "::"u8.ToArray(), ":<"u8.ToArray(), "dn: "u8.ToArray(),
        "changetype: modify\n"u8.ToArray(), "\0"u8.ToArray(), "%"u8.ToArray(), "%00"u8.ToArray(), "?"u8.ToArray(), "é"u8.ToArray(), [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80],
        [0x30, 0x80], [0, 0], [0x84, 0x7f, 0xff, 0xff, 0xff], [0x88, 0, 0, 0, 0, 0, 0, 0, 0], [0x02, 0x05, 0, 0, 0, 0, 1],
    ];

    private readonly Random _random = new(seed);

    public int Number(int below) => _random.Next(below);

    public T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    /// <param name="other">For splicing.</param>
    public byte[] Mutate(byte[] octets, byte[] other)
    {
        byte[] mutated = octets;
        for (int n = 1 + Number(MaxStacked); n > 0; n--)
        {
            mutated = Once(mutated, other);
        }

        return mutated.Length > MaxBytes ? mutated[..MaxBytes] : mutated;
    }

    private byte[] Once(byte[] octets, byte[] other)
    {
        if (octets.Length == 0)
        {
            return Pick(Tokens);
        }

        int at = Number(octets.Length);
        int to = at + Number(Math.Min(octets.Length - at, 64) + 1);
        switch (Number(14))
        {
            case 0: return With(octets, at, (byte)(octets[at] ^ (1 << Number(8))));
            case 1: return With(octets, at, Pick(Interesting));
            case 2: return With(octets, at, (byte)Number(256));
            case 3: return octets[..at];
            case 4: return [.. octets[..at], .. octets[to..]];
            case 5: return [.. octets[..to], .. octets[at..]];
            case 6: return [.. octets[..at], .. Repeat(octets[at..to], 1 + Number(300)), .. octets[to..]];
            case 7: return [.. octets[..at], .. Pick(Tokens), .. octets[at..]];
            case 8: return [.. octets[..at], .. other.AsSpan(Number(other.Length + 1))];
            case 9: return EditLength(octets);
            case 10: return EditElement(octets, other);
            case 11: return Nest(octets);
            case 12: return MakeIndefinite(octets);
            default: return EditElement(octets, octets);
        }
    }

    /// <summary>A length that is not true, the rest untouched.</summary>
    private byte[] EditLength(byte[] octets)
    {
        List<BerElement> elements = BerElements.Find(octets);
        if (elements.Count == 0)
        {
            return With(octets, 0, 0x30);
        }

        BerElement element = Pick(elements);
        int length = Math.Max(0, Pick<int>([0, 1, 0x7f, 0x80, 0xffff, 0x7fffffff, element.End - element.ContentStart + 1, element.End - element.ContentStart - 1]));
        byte[] encoded = Number(3) switch
        {
            0 => [0x84, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
            1 => [0x88, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
            _ => [(byte)Math.Min(length, 0x7f)],
        };
        return [.. octets[..(element.Start + 1)], .. encoded, .. octets[element.ContentStart..]];
    }

    /// <summary>One element changed and the lengths around it made to fit, so that the reader gets as far as the change.</summary>
    private byte[] EditElement(byte[] octets, byte[] other)
    {
        List<BerElement> elements = BerElements.Find(octets);
        List<BerElement> others = BerElements.Find(other);
        if (elements.Count == 0 || others.Count == 0)
        {
            return [.. octets, .. other];
        }

        int index = Number(elements.Count);
        BerElement element = elements[index];
        byte[] whole = octets[element.Start..element.End];
        byte[] content = octets[element.ContentStart..element.End];
        BerElement foreign = Pick(others);
        byte[] replacement = Number(7) switch
        {
            0 => [],
            1 => [.. whole, .. whole],
            2 => other[foreign.Start..foreign.End],
            3 => [.. whole, .. other[foreign.Start..foreign.End]],
            4 => BerElements.Wrap(Pick(Interesting), content),
            5 => BerElements.Wrap(whole[0], other.AsSpan(foreign.ContentStart..foreign.End)),
            _ => BerElements.Wrap(whole[0], Noise(content)),
        };
        return BerElements.Replace(octets, elements, index, replacement);
    }

    /// <summary>An element within many levels of a constructed one: of not, of and, of a sequence.</summary>
    private byte[] Nest(byte[] octets)
    {
        List<BerElement> elements = BerElements.Find(octets);
        int levels = Number(100) == 0 ? MaxNesting : Pick<int>([2, 31, 32, 33, 300]);
        if (elements.Count == 0)
        {
            return [.. Repeat("(!"u8.ToArray(), levels), .. octets, .. Repeat(")"u8.ToArray(), levels)];
        }

        int index = Number(elements.Count);
        byte tag = Pick<byte>([0xa2, 0xa0, 0xa1, 0x30]);

        // From the inside out, header by header: wrapping the whole again at each level would be quadratic.
        const int HeaderBytes = 6;
        ReadOnlySpan<byte> element = octets.AsSpan(elements[index].Start..elements[index].End);
        byte[] nested = new byte[(HeaderBytes * levels) + element.Length];
        element.CopyTo(nested.AsSpan(HeaderBytes * levels));
        for (int at = HeaderBytes * (levels - 1); at >= 0; at -= HeaderBytes)
        {
            int length = nested.Length - at - HeaderBytes;
            (nested[at], nested[at + 1]) = (tag, 0x84);
            BinaryPrimitives.WriteInt32BigEndian(nested.AsSpan(at + 2), length);
        }

        return BerElements.Replace(octets, elements, index, nested);
    }

    private byte[] MakeIndefinite(byte[] octets)
    {
        List<BerElement> elements = BerElements.Find(octets);
        if (elements.Count == 0)
        {
            return [0x30, 0x80, .. octets, 0, 0];
        }

        int index = Number(elements.Count);
        BerElement element = elements[index];
        return BerElements.Replace(octets, elements, index, [octets[element.Start], 0x80, .. octets[element.ContentStart..element.End], 0, 0]);
    }

    private byte[] Noise(byte[] content)
    {
        byte[] noise = new byte[Pick<int>([0, 1, content.Length, content.Length + 1, 4, 5, 16, 300])];
        _random.NextBytes(noise);
        return noise;
    }

    private static byte[] With(byte[] octets, int at, byte value)
    {
        byte[] changed = [.. octets];
        changed[at] = value;
        return changed;
    }

    private static byte[] Repeat(byte[] octets, int times)
    {
        byte[] repeated = new byte[octets.Length * Math.Min(times, MaxBytes / Math.Max(1, octets.Length))];
        for (int at = 0; at < repeated.Length; at += octets.Length)
        {
            octets.CopyTo(repeated, at);
        }

        return repeated;
    }
}
