namespace Postern.EdgeSync.Rotation;

/// <summary>A certificate cannot be what it is asked to be.</summary>
public sealed class CertificateException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do.</summary>
    public string Hint { get; } = hint;
}
