namespace Postern.Certificates;

/// <summary>The local store cannot do that.</summary>
/// <param name="code">Stable word, camelCase: <c>notFound</c>, <c>ambiguous</c>, <c>alreadyThere</c>, <c>noKey</c>, <c>inUse</c>, <c>notExportable</c>, <c>pending</c>, <c>damaged</c>, <c>locked</c>.</param>
public sealed class CertificateStoreException(string code, string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    public string Code => code;

    /// <summary>What mends it.</summary>
    public string Hint => hint;
}
