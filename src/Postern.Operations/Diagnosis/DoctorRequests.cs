namespace Postern.Operations.Diagnosis;

/// <param name="Edge">Hub: only this edge; null: all. An edge has only itself.</param>
public sealed record RunDoctor(string? Edge);

/// <summary>What <c>postern doctor</c> found.</summary>
/// <param name="Side"><c>edge</c> or <c>hub</c>; empty where no daemon runs.</param>
/// <param name="State">The worst of the findings: <c>good</c>, <c>warning</c> or <c>failed</c>.</param>
public sealed record DoctorReport(string Side, string Name, DateTimeOffset UtcNow, string State, IReadOnlyList<FindingView> Findings)
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Failed = "failed";
    public const string Skipped = "skipped";
}

/// <summary>One step of the walk.</summary>
/// <param name="About">The edge, hub, source or listener; null: the node itself.</param>
/// <param name="State"><c>good</c>, <c>warning</c>, <c>failed</c>, or <c>skipped</c> after a step that failed.</param>
/// <param name="Code">Its page is docs/events/CODE.md; null where nothing is wrong, as the members below.</param>
/// <param name="CodeName">The code as a word.</param>
/// <param name="Mend">The command that mends it.</param>
public sealed record FindingView(string Check, string? About, string State, string Evidence, int? Code, string? CodeName, string? Cause, string? Mend);
