using System.Globalization;
using System.Text;

namespace Postern.Directory.Synchronization;

/// <summary>
/// Where a consumer stands: an instance of the directory and a change number of it. Written as OpenLDAP's consumers keep cookies,
/// <c>rid=001,csn=20261122131950.123456Z#iiiiii#000#iiiiii</c>, because slapd builds the cookie anew from the change number alone; the twelve
/// digits are the first six octets of the instance.
/// </summary>
/// <param name="ReplicaId">What the consumer calls itself: three digits, or empty. Given back as it came.</param>
/// <param name="Csn">Microseconds since 1970.</param>
internal sealed record SyncCookie(string ReplicaId, string Instance, long Csn)
{
    /// <summary>Longer cookies are not ours. Octets.</summary>
    private const int MaxBytes = 1024;

    private const int CountDigits = 6;
    private const int ReplicaDigits = 3;
    private const string TimeFormat = "yyyyMMddHHmmss.ffffff'Z'";

    /// <summary>The instance as cookies have it.</summary>
    public static string InstanceName(ReadOnlySpan<byte> instance) => Convert.ToHexStringLower(instance[..CountDigits]);

    public byte[] Encode()
    {
        string time = DateTime.UnixEpoch.AddTicks(Csn * TimeSpan.TicksPerMicrosecond).ToString(TimeFormat, CultureInfo.InvariantCulture);
        string rid = ReplicaId.Length == 0 ? "" : $"rid={ReplicaId},";
        return Encoding.ASCII.GetBytes($"{rid}csn={time}#{Instance[..CountDigits]}#000#{Instance[CountDigits..]}");
    }

    /// <returns>The number that belongs to this instance, or null: the cookie says nothing about this directory.</returns>
    public static SyncCookie? Read(ReadOnlyMemory<byte>? cookie, string instance, out string replicaId)
    {
        replicaId = "";
        if (cookie is not { Length: > 0 and <= MaxBytes } octets || !Ascii.IsValid(octets.Span))
        {
            return null;
        }

        SyncCookie? found = null;
        foreach (string part in Encoding.ASCII.GetString(octets.Span).Split(','))
        {
            if (part.StartsWith("rid=", StringComparison.Ordinal) && part.Length == "rid=".Length + ReplicaDigits)
            {
                replicaId = part["rid=".Length..];
            }
            else if (part.StartsWith("csn=", StringComparison.Ordinal))
            {
                // A consumer of several providers has a number of each of them.
                foreach (string csn in part["csn=".Length..].Split(';'))
                {
                    found ??= ReadCsn(csn, instance);
                }
            }
        }

        return found is null ? null : found with { ReplicaId = replicaId };
    }

    private static SyncCookie? ReadCsn(string csn, string instance) =>
        csn.Split('#') is [string time, string first, "000", string second]
        && string.Equals(first + second, instance, StringComparison.OrdinalIgnoreCase)
        && DateTime.TryParseExact(
            time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime value)
            ? new SyncCookie("", instance, (value - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)
            : null;
}
