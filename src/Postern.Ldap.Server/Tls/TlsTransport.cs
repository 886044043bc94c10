using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Ldap.Server.Tls;

/// <summary>A connection after its handshake: pipes of plain octets over TLS.</summary>
internal sealed class TlsTransport : IDuplexPipe, IAsyncDisposable
{
    /// <summary>A TLS record's largest content, RFC 8446 section 5.1; one read takes one record.</summary>
    private const int RecordBytes = 16 * 1024;

    private readonly SslStream _stream;

    public TlsTransport(SslStream stream)
    {
        _stream = stream;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: RecordBytes, minimumReadSize: 4096, leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: RecordBytes, leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public X509Certificate2? ClientCertificate => _stream.RemoteCertificate as X509Certificate2;

    /// <summary>Sends close_notify, so that the peer can tell the end from a cut (RFC 8446 section 6.1). Not while a read or a write is under way.</summary>
    public Task ShutdownAsync() => _stream.ShutdownAsync();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
