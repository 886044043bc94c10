using System.Text;

namespace Postern.Mail;

/// <summary>Normalisation form C, UAX #15. Ours, because <c>string.Normalize</c> does nothing under InvariantGlobalization, and with ICU the
/// form of an address would hang on which ICU a machine has: hub and edge have to agree to the octet.</summary>
internal static class NormalizationFormC
{
    // Hangul syllables are composed by arithmetic, The Unicode Standard section 3.12.
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private static readonly Lazy<CanonicalData> Data = new(CanonicalData.Load);

    /// <param name="text">Valid UTF-16; half a surrogate pair becomes U+FFFD.</param>
    public static string Of(string text)
    {
        CanonicalData data = Data.Value;
        List<int> points = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, points, data);
        }

        Order(points, data);
        Compose(points, data);
        StringBuilder result = new(text.Length);
        foreach (int point in points)
        {
            result.Append(new Rune(point).ToString());
        }

        return result.ToString();
    }

    private static void Decompose(int point, List<int> points, CanonicalData data)
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
        else if (data.Decompositions.TryGetValue(point, out (int First, int Second) parts))
        {
            Decompose(parts.First, points, data);
            if (parts.Second != 0)
            {
                Decompose(parts.Second, points, data);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    /// <summary>Canonical ordering: a stable insertion sort of each run of combining characters by class.</summary>
    private static void Order(List<int> points, CanonicalData data)
    {
        for (int i = 1; i < points.Count; i++)
        {
            int point = points[i];
            int combiningClass = data.ClassOf(point);
            int place = i;
            for (; combiningClass != 0 && place > 0 && data.ClassOf(points[place - 1]) > combiningClass; place--)
            {
                points[place] = points[place - 1];
            }

            points[place] = point;
        }
    }

    private static void Compose(List<int> points, CanonicalData data)
    {
        int starter = -1;
        int lastClass = 0;
        int kept = 0;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i];
            int combiningClass = data.ClassOf(point);

            // Blocked when something of the same or a higher class stands between (UAX #15 D115); a starter only joins its neighbour.
            bool adjacent = starter >= 0 && kept == starter + 1;
            bool blocked = starter < 0 || (!adjacent && lastClass >= combiningClass);
            if (!blocked && TryCompose(points[starter], point, data, out int composite))
            {
                points[starter] = composite;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = kept;
            }

            lastClass = combiningClass;
            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static bool TryCompose(int first, int second, CanonicalData data, out int composite)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
        {
            composite = SBase + ((((first - LBase) * VCount) + (second - VBase)) * TCount);
            return true;
        }

        if (first is >= SBase and < SBase + SCount && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
        {
            composite = first + (second - TBase);
            return true;
        }

        return data.Compositions.TryGetValue((first, second), out composite);
    }
}
