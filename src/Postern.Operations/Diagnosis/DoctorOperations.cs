using Postern.EdgeSync.Diagnosis;

namespace Postern.Operations.Diagnosis;

/// <summary>The verb <c>doctor</c> of either side.</summary>
/// <param name="walk">Takes the name of an edge, or null for all.</param>
public sealed class DoctorOperations(string side, string name, TimeProvider time, Func<string?, CancellationToken, Task<IReadOnlyList<Finding>>> walk)
{
    public Task<DoctorReport> RunAsync(RunDoctor request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => Report(side, name, time.GetUtcNow(), await walk(request.Edge, cancellationToken)));

    /// <summary>Where there is nobody to ask: that is the finding.</summary>
    /// <param name="evidence">What was tried.</param>
    public static DoctorReport NotRunning(string evidence, TimeProvider time) =>
        Report("", "", time.GetUtcNow(), [Finding.Failed("daemon", "", FindingCodes.DaemonNotRunning, evidence)]);

    private static DoctorReport Report(string side, string name, DateTimeOffset now, IReadOnlyList<Finding> findings) => new(
        side, name, now,
        findings.Any(one => one.State == FindingState.Failed) ? DoctorReport.Failed
        : findings.Any(one => one.State == FindingState.Warning) ? DoctorReport.Warning : DoctorReport.Good,
        [.. findings.Select(View)]);

    private static FindingView View(Finding one) => new(
        one.Check, one.About.Length == 0 ? null : one.About, Words.CamelCase(one.State), one.Evidence,
        one.Code?.Number, one.Code?.Name, one.Code is null ? null : one.Cause, one.Code is null ? null : one.Mend);
}
