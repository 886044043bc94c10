using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>What a file of certificates is, outside: the parts within may be of other kinds.</summary>
public enum CertificateFileFormat
{
    Pem,

    /// <summary>Base64 without the lines of PEM, as Exchange exports it.</summary>
    Base64,

    /// <summary>One certificate, request or key.</summary>
    Der,

    Pkcs7,

    Pkcs12,
}

/// <summary>Everything in one file. Owns certificates and keys.</summary>
public sealed class CertificateFileContent : IDisposable
{
    internal CertificateFileContent(string name, CertificateFileFormat format)
    {
        Name = name;
        Format = format;
    }

    /// <summary>Of the file, as in error messages.</summary>
    public string Name { get; }

    public CertificateFileFormat Format { get; internal set; }

    /// <summary>In the order of the file, each once.</summary>
    public IReadOnlyList<CertificateEntry> Certificates => CertificateList;

    /// <summary>In the order of the file, each once.</summary>
    public IReadOnlyList<PrivateKeyEntry> Keys => KeyList;

    /// <summary>PKCS #10, DER; in the order of the file.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Requests => RequestList;

    /// <summary>How a PKCS #12 file is protected; null: it is none.</summary>
    public Pkcs12Protection? Protection { get; internal set; }

    /// <summary>What was found and left aside, and where.</summary>
    public IReadOnlyList<string> Notes => NoteList;

    internal List<CertificateEntry> CertificateList { get; } = [];

    internal List<PrivateKeyEntry> KeyList { get; } = [];

    internal List<ReadOnlyMemory<byte>> RequestList { get; } = [];

    internal List<string> NoteList { get; } = [];

    public void Dispose()
    {
        CertificateList.ForEach(one => one.Certificate.Dispose());
        KeyList.ForEach(one => one.Dispose());
    }
}

/// <param name="FriendlyName">Of the PKCS #12 bag.</param>
public sealed record CertificateEntry(X509Certificate2 Certificate, string? FriendlyName);

/// <summary>How a PKCS #12 file is protected against change and against reading.</summary>
/// <param name="Mac">E.g. <c>HMAC-SHA256</c> or <c>PBMAC1 (PBKDF2-HMAC-SHA256, HMAC-SHA256)</c>; null: it has none, so nothing tells a change of the file.</param>
/// <param name="MacIterations">0: it has none.</param>
/// <param name="Encryption">Of each safe and each key that has its own, in the order of the file; e.g. <c>PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), 2048 iterations</c>.</param>
public sealed record Pkcs12Protection(string? Mac, int MacIterations, IReadOnlyList<string> Encryption);
