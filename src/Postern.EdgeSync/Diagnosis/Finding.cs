namespace Postern.EdgeSync.Diagnosis;

public enum FindingState
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, and will not for ever; or works and should not be so.</summary>
    Warning,

    /// <summary>Does not work: <see cref="Finding.Code"/> names the one cause.</summary>
    Failed,

    /// <summary>Could not be looked at, because something before it failed; or there is nothing to look at.</summary>
    Skipped,
}

/// <summary>What the doctor found at one step of its walk. Never carries a secret.</summary>
/// <param name="Check">The step: <c>dns</c>, <c>tcp</c>, <c>tls</c>, <c>pin</c>, ... A word that does not change.</param>
/// <param name="About">The edge, the source or the listener; empty: the node itself.</param>
/// <param name="Evidence">What was seen: addresses, fingerprints, times, the words of a peer.</param>
public sealed record Finding(string Check, string About, FindingState State, string Evidence)
{
    /// <summary>Of docs/events; null where nothing is wrong.</summary>
    public FindingCode? Code { get; init; }

    /// <summary>Why it is so, in one sentence; empty where nothing is wrong.</summary>
    public string Cause => Code?.Cause ?? "";

    /// <summary>The command that mends it, or what to do where no command can; empty where nothing is wrong.</summary>
    public string Mend => Code?.Mend.Replace(FindingCode.Subject, About, StringComparison.Ordinal) ?? "";

    public static Finding Good(string check, string about, string evidence) => new(check, about, FindingState.Good, evidence);

    public static Finding Skipped(string check, string about, string because) => new(check, about, FindingState.Skipped, because);

    public static Finding Warning(string check, string about, FindingCode code, string evidence) => new(check, about, FindingState.Warning, evidence) { Code = code };

    public static Finding Failed(string check, string about, FindingCode code, string evidence) => new(check, about, FindingState.Failed, evidence) { Code = code };
}

/// <summary>One cause that the doctor can name. The numbers are those of events: where Exchange has an event of the same meaning (fact sheet
/// 9.1, 9.2) its number, elsewhere 6000 to 6999. A number never changes its meaning, and each has a page, docs/events/NUMBER.md.</summary>
/// <param name="Name">The same for programs that like words better.</param>
/// <param name="Mend"><see cref="Subject"/> stands for what the finding is about.</param>
public sealed record FindingCode(int Number, string Name, string Cause, string Mend)
{
    /// <summary>Stands in <see cref="Mend"/> for <see cref="Finding.About"/>.</summary>
    internal const string Subject = "{name}";
}
