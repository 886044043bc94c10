namespace Postern.EdgeSync.Auth;

/// <summary>What the bearer of a token may do; each may what the ones before it may.</summary>
public enum TokenRole
{
    /// <summary>Look: lists, states, explanations.</summary>
    Reader,

    /// <summary>Run cycles, decide on held deletions, change the mail configuration.</summary>
    Operator,

    /// <summary>Everything, also what concerns trust: subscriptions, accounts, certificates.</summary>
    Admin,
}

/// <param name="Subject">Who: the name in the token.</param>
public sealed record TokenIdentity(string Subject, TokenRole Role);

/// <summary>A token that counts for nothing.</summary>
/// <param name="code">Stable, camelCase: <c>expired</c>, <c>audience</c>, <c>signature</c>, ...</param>
public sealed class TokenException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code => code;
}

/// <summary>Tells whether a token was signed for this node by its organization, and what it is good for.</summary>
public interface ITokenValidator
{
    /// <exception cref="TokenException">It counts for nothing, and why.</exception>
    Task<TokenIdentity> ValidateAsync(string token, CancellationToken cancellationToken);
}
