namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>Makes a failing history short: drops steps while it still fails, halves first.</summary>
internal static class Shrinker
{
    /// <summary>Runs at most; a history is small.</summary>
    private const int MaxRuns = 400;

    /// <param name="fails">Null when a history passes.</param>
    public static async Task<(IReadOnlyList<Step> Steps, string Failure)> ShrinkAsync(IReadOnlyList<Step> steps, string failure, Func<IReadOnlyList<Step>, Task<string?>> fails)
    {
        int runs = 0;
        for (int size = steps.Count / 2; size > 0; size /= 2)
        {
            for (int start = 0; start + size <= steps.Count && runs < MaxRuns;)
            {
                runs++;
                List<Step> without = [.. steps.Take(start), .. steps.Skip(start + size)];
                if (await fails(without) is { } still)
                {
                    (steps, failure) = (without, still);
                }
                else
                {
                    start += size;
                }
            }
        }

        return (steps, failure);
    }
}
