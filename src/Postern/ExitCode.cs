using Postern.Operations;

namespace Postern;

/// <summary>What the process returns; the contract with scripts.</summary>
public static class ExitCode
{
    public const int Done = 0;

    /// <summary>The answer is no, or something failed.</summary>
    public const int Failed = 1;

    public const int WrongUsage = 2;

    public const int NoDaemon = 3;

    public const int RefusedByGuard = 4;

    /// <summary>Of a dry run: there is something to do.</summary>
    public const int ChangesPending = 5;

    public static int For(FailureCategory category) => category switch
    {
        FailureCategory.BadRequest => WrongUsage,
        FailureCategory.RefusedByGuard => RefusedByGuard,
        _ => Failed,
    };
}
