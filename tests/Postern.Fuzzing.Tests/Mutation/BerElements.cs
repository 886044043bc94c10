namespace Postern.Fuzzing.Tests.Mutation;

/// <summary>One element of an encoding: where its identifier is, where its contents are, and in what it lies.</summary>
/// <param name="Parent">Index in the list, or -1.</param>
internal readonly record struct BerElement(int Start, int ContentStart, int End, int Parent);

/// <summary>Finds elements in octets, as far as they are whole; never throws.</summary>
internal static class BerElements
{
    /// <summary>More than any corpus entry has; keeps mutation quick on large inputs.</summary>
    private const int MaxElements = 2000;
    private const int Constructed = 0x20;

    public static List<BerElement> Find(ReadOnlySpan<byte> octets)
    {
        List<BerElement> elements = [];
        Queue<(int Start, int End, int Parent)> ranges = new([(0, octets.Length, -1)]);
        while (ranges.TryDequeue(out (int Start, int End, int Parent) range))
        {
            int at = range.Start;
            while (elements.Count < MaxElements && TryRead(octets, at, range.End, out int content, out int end))
            {
                elements.Add(new BerElement(at, content, end, range.Parent));
                if ((octets[at] & Constructed) != 0)
                {
                    ranges.Enqueue((content, end, elements.Count - 1));
                }

                at = end;
            }
        }

        return elements;
    }

    /// <summary>The octets with one element replaced and the lengths of all that it lies in made to fit again.</summary>
    public static byte[] Replace(byte[] octets, List<BerElement> elements, int index, ReadOnlySpan<byte> replacement)
    {
        byte[] inner = replacement.ToArray();
        BerElement at = elements[index];
        while (at.Parent >= 0)
        {
            BerElement parent = elements[at.Parent];
            byte[] content = [.. octets[parent.ContentStart..at.Start], .. inner, .. octets[at.End..parent.End]];
            inner = Wrap(octets[parent.Start], content);
            at = parent;
        }

        return [.. octets[..at.Start], .. inner, .. octets[at.End..]];
    }

    public static byte[] Wrap(byte tag, ReadOnlySpan<byte> content) => content.Length < 0x80
        ? [tag, (byte)content.Length, .. content]
        : [tag, 0x84, (byte)(content.Length >> 24), (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static bool TryRead(ReadOnlySpan<byte> octets, int at, int limit, out int content, out int end)
    {
        (content, end) = (0, 0);
        if (at + 2 > limit)
        {
            return false;
        }

        int first = octets[at + 1];
        int count = first < 0x80 ? 0 : first & 0x7f;
        if (first == 0x80 || count > 4 || at + 2 + count > limit)
        {
            return false;
        }

        long length = count == 0 ? first : 0;
        for (int i = 0; i < count; i++)
        {
            length = (length << 8) | octets[at + 2 + i];
        }

        content = at + 2 + count;
        end = (int)Math.Min(content + length, int.MaxValue);
        return end <= limit;
    }
}
