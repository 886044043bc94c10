namespace Postern.Ldap;

/// <summary>Normalisation form KC, UAX #15, in place. Ours, because <c>string.Normalize</c> does nothing under InvariantGlobalization, and
/// with ICU the order and equality of stored values would hang on which ICU a machine has.</summary>
internal static class CompatibilityForm
{
    // Hangul syllables are composed by arithmetic, The Unicode Standard section 3.12.
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    /// <summary>Adds a code point, decomposed as far as it goes.</summary>
    public static void Decompose(int point, List<int> points, PreparationData data)
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
        else if (data.Decompositions.TryGetValue(point, out int[]? parts))
        {
            // As deep as the tables are, which is a handful; the text has no say in it.
            foreach (int part in parts)
            {
                Decompose(part, points, data);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    /// <summary>Canonical ordering and composition of decomposed text, The Unicode Standard section 3.11.</summary>
    public static void Finish(List<int> points, PreparationData data)
    {
        Order(points, data);
        Compose(points, data);
    }

    private static void Order(List<int> points, PreparationData data)
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

    private static void Compose(List<int> points, PreparationData data)
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

    private static bool TryCompose(int first, int second, PreparationData data, out int composed)
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
