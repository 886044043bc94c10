using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>A stored certificate that follows its files: replaced there, it is the new one from the next look on. What cannot be read, or is
/// replaced half only, changes nothing.</summary>
internal sealed partial class ReloadedCertificate(CertificateStore store, string name, ILogger log)
{
    private readonly Lock _lock = new();
    private X509Certificate2? _current;
    private CertificateStamp _stamp;

    /// <summary>The same object until the files change; null as long as there is none.</summary>
    /// <exception cref="PrivateFileException">The first one cannot be read. Later ones are logged and the last good one stays.</exception>
    public X509Certificate2? Current
    {
        get
        {
            lock (_lock)
            {
                // Looked at before the content: a change in between is seen at the next look.
                CertificateStamp stamp = store.Stamp(name);
                if (_current is null)
                {
                    _current = store.TryLoad(name);
                    _stamp = stamp;
                }
                else if (stamp != _stamp)
                {
                    _stamp = stamp;
                    Reload();
                }

                return _current;
            }
        }
    }

    private void Reload()
    {
        try
        {
            if (store.TryLoad(name) is not { } next)
            {
                return;
            }

            // The old one is not disposed of: handshakes may be using it.
            bool isNew = !next.RawDataMemory.Span.SequenceEqual(_current!.RawDataMemory.Span);
            _current = next;
            if (isNew)
            {
                Changed(log, name, CertificatePin.Of(next).ToString(), next.NotAfter.ToUniversalTime());
            }
        }
        catch (Exception e) when (e is PrivateFileException or IOException or UnauthorizedAccessException)
        {
            Kept(log, name, e.Message);
        }
    }

    [LoggerMessage(3310, LogLevel.Information, "Certificate {Name} was replaced: {Sha256}, good until {NotAfter}; new handshakes use it")]
    private static partial void Changed(ILogger logger, string name, string sha256, DateTime notAfter);

    [LoggerMessage(3311, LogLevel.Warning, "Certificate {Name} was changed and cannot be used, the last good one stays: {Reason}")]
    private static partial void Kept(ILogger logger, string name, string reason);
}
