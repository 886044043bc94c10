namespace Postern.EdgeSync.Auth;

/// <summary>Something about the auth certificate cannot be done.</summary>
/// <param name="code">Stable, camelCase.</param>
public sealed class AuthException(string code, string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    public string Code => code;

    public string Hint => hint;
}
