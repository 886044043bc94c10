namespace Postern.Transport.Services;

/// <summary>How it went with one program.</summary>
public enum ServiceState
{
    /// <summary>It has been written, reloaded, and is being served.</summary>
    Applied,

    /// <summary>It was served like that already.</summary>
    Unchanged,

    /// <summary>The program is not on this machine, or left alone.</summary>
    Absent,

    /// <summary>It failed, and what was there before is being served.</summary>
    RolledBack,

    /// <summary>It failed, and so did putting back what was there: somebody has to look.</summary>
    Broken,
}

/// <param name="Driver"><c>postfix</c>, ...</param>
/// <param name="Steps">What was done and seen, a line for people each.</param>
public sealed record ServiceOutcome(string Driver, ServiceState State, IReadOnlyList<string> Steps);

/// <param name="Failure">Null: everything that is bound is being served.</param>
public sealed record BindingOutcome(IReadOnlyList<ServiceOutcome> Services, ServiceException? Failure)
{
    public IReadOnlyList<string> Notes { get; init; } = [];
}
