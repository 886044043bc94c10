namespace Postern.Certificates;

/// <summary>A file of certificates cannot be read, or cannot be made.</summary>
/// <param name="code">Stable word, camelCase: <c>limit</c>, <c>notRecognized</c>, <c>damaged</c>, <c>passwordNeeded</c>, <c>wrongPassword</c>,
/// <c>unsupportedAlgorithm</c>, <c>nothingThere</c>, <c>ambiguous</c>, <c>keyDoesNotFit</c>, <c>noKey</c>, <c>cannotConvert</c>.</param>
public sealed class CertificateFormatException(string code, string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    public string Code => code;

    /// <summary>What mends it.</summary>
    public string Hint => hint;

    internal static CertificateFormatException Damaged(string where, string what, Exception? inner = null) =>
        new("damaged", $"{where}: {what}", "copy or export the file again; a text file must not be transferred as another kind of text", inner);

    internal static CertificateFormatException Unsupported(string where, string algorithm) =>
        new("unsupportedAlgorithm", $"{where} is protected with {algorithm}, which is not supported here; the password plays no part in it",
            "export it again with AES-256 and PBKDF2 (modern) or with 3DES and SHA-1 (old Windows)");

    internal static CertificateFormatException UnknownCurve(string where, Exception inner) =>
        new("unsupportedAlgorithm", $"{where} is a key on an elliptic curve that is not known here", "use P-256, P-384 or P-521, or RSA", inner);

    internal static CertificateFormatException Limit(string where, string what, long found, long allowed) =>
        new("limit", $"{where} has {found} {what}; at most {allowed} are read", "export the certificate that is meant by itself");
}
