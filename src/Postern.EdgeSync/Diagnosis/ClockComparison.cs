using System.Globalization;
using Postern.Ldap;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>How far the clock of a directory server is ahead of ours, by its root DSE.</summary>
internal static class ClockComparison
{
    /// <summary>What does no harm: accounts overlap by days, leases are judged by their holder's clock. Ours.</summary>
    public static readonly TimeSpan Tolerated = TimeSpan.FromMinutes(5);

    /// <summary>From here on accounts and certificates may be refused that are good. Ours.</summary>
    public static readonly TimeSpan Harmful = TimeSpan.FromHours(1);

    private const string CurrentTime = "currentTime";

    /// <summary>Of the root DSE: GeneralizedTime in UTC, with or without a fraction (Active Directory has one).</summary>
    private static readonly string[] Formats = ["yyyyMMddHHmmss'Z'", "yyyyMMddHHmmss'.0Z'"];

    /// <returns>Null when the server does not tell its time.</returns>
    /// <exception cref="LdapException">The root DSE cannot be read.</exception>
    public static async Task<TimeSpan?> ReadAsync(IDirectory server, TimeProvider time, CancellationToken cancellationToken)
    {
        await foreach (LdapEntry root in server.SearchAsync(SearchRequest.ReadEntry("", CurrentTime), cancellationToken))
        {
            if (DateTimeOffset.TryParseExact(root.FirstString(CurrentTime), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset there))
            {
                return there - time.GetUtcNow();
            }
        }

        return null;
    }

    public static Finding Judge(string about, TimeSpan skew)
    {
        string evidence = skew.Duration() < TimeSpan.FromSeconds(2)
            ? "the clocks are the same"
            : string.Create(CultureInfo.InvariantCulture, $"the clock there is {skew.Duration():d\\.hh\\:mm\\:ss} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this one");
        return skew.Duration() > Harmful ? Finding.Failed("clock", about, FindingCodes.ClockSkew, evidence)
            : skew.Duration() > Tolerated ? Finding.Warning("clock", about, FindingCodes.ClockSkew, evidence)
            : Finding.Good("clock", about, evidence);
    }
}
