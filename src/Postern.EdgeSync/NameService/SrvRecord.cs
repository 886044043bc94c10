namespace Postern.EdgeSync.NameService;

// RFC 2782 (complete): order by priority, then by chance in proportion to the weight

/// <summary>Where a service of a domain is, RFC 2782.</summary>
/// <param name="Priority">The lowest is tried first.</param>
/// <param name="Weight">Share of the first tries among those of one priority.</param>
/// <param name="Target">Host; empty: the domain says that it has no such service.</param>
internal sealed record SrvRecord(int Priority, int Weight, int Port, string Target)
{
    /// <summary>In the order of trying.</summary>
    public static IReadOnlyList<SrvRecord> InOrder(IEnumerable<SrvRecord> records, Random random)
    {
        List<SrvRecord> ordered = [];
        foreach (IGrouping<int, SrvRecord> equals in records.Where(record => record.Target.Length > 0).GroupBy(record => record.Priority).OrderBy(group => group.Key))
        {
            // Those of weight 0 first, as the RFC has it: they are drawn only when the die falls on 0.
            List<SrvRecord> left = [.. equals.OrderBy(record => record.Weight)];
            while (left.Count > 0)
            {
                int die = random.Next(left.Sum(record => record.Weight) + 1);
                int chosen = 0;
                for (int sum = left[0].Weight; sum < die; sum += left[chosen].Weight)
                {
                    chosen++;
                }

                ordered.Add(left[chosen]);
                left.RemoveAt(chosen);
            }
        }

        return ordered;
    }
}

/// <summary>A name server could not be asked, or did not answer what was asked.</summary>
internal sealed class DnsException(string message, Exception? inner = null) : Exception(message, inner);
