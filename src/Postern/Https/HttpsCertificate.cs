using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;

namespace Postern.Https;

/// <summary>What the HTTPS listener shows: the certificate that is bound to <c>https</c> (services/https of the data folder), or the node's own
/// where none is. A new handshake sees new files; files that cannot be used change nothing and are logged once.</summary>
/// <param name="folder">certificate.pem (the certificate, then its issuers) and key.pem.</param>
/// <param name="own">The node's own certificate.</param>
internal sealed partial class HttpsCertificate(string folder, Func<X509Certificate2> own, ILogger logger)
{
    private readonly Lock _lock = new();
    private (DateTime Certificate, DateTime Key) _stamp;
    private SslStreamCertificateContext? _bound;
    private X509Certificate2? _ownShown;
    private SslStreamCertificateContext? _ownContext;

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                Look();
                return _bound ?? Own();
            }
        }
    }

    private void Look()
    {
        string certificatePath = Path.Combine(folder, "certificate.pem");
        string keyPath = Path.Combine(folder, "key.pem");
        (DateTime, DateTime) stamp = (File.GetLastWriteTimeUtc(certificatePath), File.GetLastWriteTimeUtc(keyPath));
        if (stamp == _stamp)
        {
            return;
        }

        _stamp = stamp;
        try
        {
            if (!File.Exists(certificatePath))
            {
                _bound = null;
                return;
            }

            byte[] key = PrivateFile.Read(keyPath);
            try
            {
                X509Certificate2 leaf = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath), System.Text.Encoding.ASCII.GetString(key));
                X509Certificate2Collection all = [];
                all.ImportFromPemFile(certificatePath);
                all.RemoveAt(0);
                _bound = SslStreamCertificateContext.Create(leaf, all, offline: true);
                Taken(logger, leaf.Subject, CertificatePin.Of(leaf).ToString());
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException or PrivateFileException)
        {
            NotTaken(logger, folder, e.Message);
        }
    }

    private SslStreamCertificateContext Own()
    {
        X509Certificate2 shown = own();
        if (!ReferenceEquals(shown, _ownShown) || _ownContext is null)
        {
            _ownContext = SslStreamCertificateContext.Create(shown, additionalCertificates: null, offline: true);
            _ownShown = shown;
        }

        return _ownContext;
    }

    [LoggerMessage(4110, LogLevel.Information, "HTTPS shows {Subject}, SHA-256 {Sha256}")]
    private static partial void Taken(ILogger logger, string subject, string sha256);

    [LoggerMessage(4111, LogLevel.Error, "the certificate in {Folder} cannot be used, HTTPS goes on with the one before: {Reason}")]
    private static partial void NotTaken(ILogger logger, string folder, string reason);
}
