using System.Text;

namespace Postern.Unicode;

/// <summary>Normalisation forms C and KC, UAX #15. Ours, because <c>string.Normalize</c> does nothing under InvariantGlobalization, and with
/// ICU they would hang on which ICU a machine has: stored values have to keep their order, and hub and edge have to agree to the octet.</summary>
public static class UnicodeNormalization
{
    // Hangul syllables are composed by arithmetic, The Unicode Standard section 3.12.
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    /// <summary>Form C.</summary>
    /// <param name="text">UTF-16; half a surrogate pair becomes U+FFFD.</param>
    public static string C(string text)
    {
        List<int> points = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, compatibility: false, points);
        }

        Compose(points);
        StringBuilder result = new(text.Length);
        foreach (int point in points)
        {
            result.Append(new Rune(point).ToString());
        }

        return result.ToString();
    }

    /// <summary>Adds a code point, decomposed as far as it goes.</summary>
    /// <param name="compatibility">By compatibility mappings too: for form KC.</param>
    public static void Decompose(int point, bool compatibility, List<int> points) => Decompose(point, compatibility, points, UnicodeData.Shared);

    /// <summary>Canonical ordering and composition of decomposed text, The Unicode Standard section 3.11, in place.</summary>
    public static void Compose(List<int> points)
    {
        UnicodeData data = UnicodeData.Shared;
        Order(points, data);
        Compose(points, data);
    }

    private static void Decompose(int point, bool compatibility, List<int> points, UnicodeData data)
    {
        if (point is >= SBase and < SBase + SCount)
        {
            int index = point - SBase;
            points.Add(LBase + (index / (VCount * TCount)));
            points.Add(VBase + (index % (VCount * TCount) / TCount));
            if (index % TCount != 0)
            {
                points.Add(TBase + (index % TCount));
            }
        }
        else if (data.Canonical.TryGetValue(point, out int[]? parts) || (compatibility && data.Compatibility.TryGetValue(point, out parts)))
        {
            // As deep as the tables are, which is a handful; the text has no say in it.
            foreach (int part in parts)
            {
                Decompose(part, compatibility, points, data);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    private static void Order(List<int> points, UnicodeData data)
    {
        for (int i = 0; i < points.Count; i++)
        {
            if (data.ClassOf(points[i]) == 0)
            {
                continue;
            }

            int start = i;
            while (i < points.Count && data.ClassOf(points[i]) != 0)
            {
                i++;
            }

            if (i - start > 1)
            {
                // A stable sort that stays fast whatever the run's length is.
                int[] run = [.. points.GetRange(start, i - start).OrderBy(data.ClassOf)];
                for (int k = 0; k < run.Length; k++)
                {
                    points[start + k] = run[k];
                }
            }
        }
    }

    private static void Compose(List<int> points, UnicodeData data)
    {
        int starter = -1;
        int lastClass = -1;
        int kept = 0;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i];
            int combining = data.ClassOf(point);
            bool blocked = lastClass >= 0 && (lastClass >= combining || lastClass == 0);
            if (starter >= 0 && (lastClass < 0 || !blocked) && TryCompose(points[starter], point, data, out int composed))
            {
                points[starter] = composed;
                continue;
            }

            if (combining == 0)
            {
                starter = kept;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }

            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static bool TryCompose(int first, int second, UnicodeData data, out int composed)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
        {
            composed = SBase + ((((first - LBase) * VCount) + (second - VBase)) * TCount);
            return true;
        }

        if (first is >= SBase and < SBase + SCount && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
        {
            composed = first + (second - TBase);
            return true;
        }

        return data.Compositions.TryGetValue((first, second), out composed);
    }
}
