namespace Postern.Operations;

/// <summary>Why a verb did not do what it was asked; the coarse half of an error. Exit codes and HTTP statuses come from it, each in one map.</summary>
public enum FailureCategory
{
    /// <summary>It was tried and it failed: a peer, the disk, a certificate.</summary>
    Failed,

    /// <summary>What was named does not exist.</summary>
    NotFound,

    /// <summary>What was asked for contradicts what is there already.</summary>
    Conflict,

    /// <summary>The request itself is wrong; sending it again cannot help.</summary>
    BadRequest,

    /// <summary>A guard held it back; it can be overridden on purpose.</summary>
    RefusedByGuard,

    /// <summary>Nobody knows who asks.</summary>
    Unauthorized,

    /// <summary>Whoever asks may not.</summary>
    Forbidden,
}

/// <summary>A verb's failure: what failed and on which object (message), and what to do about it (hint). Never carries a secret.</summary>
/// <param name="code">Stable, camelCase, for programs; listed in docs/cli.md.</param>
public sealed class OperationException(FailureCategory category, string code, string message, string hint, Exception? inner = null)
    : Exception(message, inner)
{
    public FailureCategory Category { get; } = category;

    public string Code { get; } = code;

    public string Hint { get; } = hint;
}
