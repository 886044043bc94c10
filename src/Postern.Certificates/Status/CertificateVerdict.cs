using System.Globalization;

namespace Postern.Certificates;

/// <summary>How much somebody has to do something, as Nagios counts.</summary>
public enum WatchLevel
{
    Ok,
    Warning,
    Critical,
}

/// <param name="Text">Why; null: nothing to say.</param>
/// <param name="Warning">So long before its end it warns.</param>
/// <param name="Critical">So long before its end it is critical.</param>
public sealed record CertificateVerdict(WatchLevel Level, string? Text, TimeSpan? Remaining, TimeSpan Warning, TimeSpan Critical)
{
    /// <summary>
    /// Looks at the dates now, whatever the report says of them. What nothing depends on is never critical; a revocation list lives for days by
    /// design, so only its end counts; a self-signed certificate is what it is.
    /// </summary>
    public static CertificateVerdict Of(WatchedCertificate one, ExpiryThresholds thresholds, DateTimeOffset now)
    {
        TimeSpan? remaining = one.EndsUtc - now;
        TimeSpan life = one is { EndsUtc: { } end, NotBeforeUtc: { } begin } ? end - begin : TimeSpan.Zero;
        bool isList = one.Kind == WatchedKind.RevocationList;
        TimeSpan warning = isList ? TimeSpan.Zero : thresholds.Warning.Of(life);
        TimeSpan critical = isList ? TimeSpan.Zero : thresholds.Critical.Of(life);
        (WatchLevel level, string? text) = Judge(one, remaining, warning, critical, now);
        bool isGrave = one.IsInUse && one.Kind is WatchedKind.Service or WatchedKind.Node;
        return new CertificateVerdict(level == WatchLevel.Critical && !isGrave ? WatchLevel.Warning : level, text, remaining, warning, critical);
    }

    private static (WatchLevel Level, string? Text) Judge(WatchedCertificate one, TimeSpan? remaining, TimeSpan warning, TimeSpan critical, DateTimeOffset now) => one switch
    {
        { Kind: WatchedKind.Fault } => (WatchLevel.Warning, one.Name),
        _ when remaining < TimeSpan.Zero => (WatchLevel.Critical, one.Status == CertificateStatus.Expired && one.Reason is { } why ? why : $"ended at {one.EndsUtc:u}"),
        { Status: CertificateStatus.Revoked } => (WatchLevel.Critical, one.Reason),
        _ when remaining <= critical => (WatchLevel.Critical, Left(remaining!.Value)),
        _ when remaining <= warning => (WatchLevel.Warning, Left(remaining!.Value)),
        { Status: CertificateStatus.NotYetValid } when one.NotBeforeUtc > now => (WatchLevel.Warning, one.Reason),
        { Status: CertificateStatus.Untrusted, IsSelfSigned: true } => (WatchLevel.Ok, one.Reason),
        { Status: CertificateStatus.Untrusted or CertificateStatus.RevocationUnknown or CertificateStatus.Weak or CertificateStatus.NameMismatch } => (one.IsInUse ? WatchLevel.Warning : WatchLevel.Ok, one.Reason),
        _ => (WatchLevel.Ok, null),
    };

    private static string Left(TimeSpan remaining) => remaining.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"ends in {(int)remaining.TotalDays} days")
        : string.Create(CultureInfo.InvariantCulture, $"ends in {(int)remaining.TotalHours} hours");
}
