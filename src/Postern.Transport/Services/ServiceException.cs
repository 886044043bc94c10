namespace Postern.Transport.Services;

/// <summary>A service of mail does not take a certificate.</summary>
/// <param name="code">Stable word, camelCase: <c>settings</c>, <c>notRoot</c>, <c>command</c>, <c>validation</c>, <c>reload</c>, <c>notWired</c>,
/// <c>notServed</c>, <c>unsupported</c>, <c>files</c>.</param>
public sealed class ServiceException(string code, string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    public string Code => code;

    /// <summary>What mends it.</summary>
    public string Hint => hint;
}
