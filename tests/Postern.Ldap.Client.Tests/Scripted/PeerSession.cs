using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>The server's end of one connection, in a script.</summary>
internal sealed class PeerSession(Socket socket, X509Certificate2? certificate) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[1024 * 1024];
    private Stream _stream = new NetworkStream(socket, ownsSocket: false);
    private int _filled;

    /// <summary>What the client showed in the handshake.</summary>
    public X509Certificate2? ClientCertificate { get; private set; }

    public bool AskForClientCertificate { get; set; }

    public async Task HandshakeAsync()
    {
        SslStream tls = new(_stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = AskForClientCertificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null || !AskForClientCertificate,
        });
        ClientCertificate = tls.RemoteCertificate as X509Certificate2;
        _stream = tls;
    }

    /// <summary>The next message of the client.</summary>
    public async Task<LdapMessage> ReadAsync() => await TryReadAsync() ?? throw new EndOfStreamException("the client closed the connection");

    public async Task<(int Id, T Operation)> ReadAsync<T>()
        where T : LdapOperation
    {
        LdapMessage message = await ReadAsync();
        return (message.MessageId, Assert.IsType<T>(message.Operation));
    }

    /// <summary>Null when the client has closed the connection.</summary>
    public async Task<LdapMessage?> TryReadAsync()
    {
        while (true)
        {
            if (LdapCodec.TryFrame(new ReadOnlySequence<byte>(_buffer, 0, _filled), LdapLimits.Default, out int length) == LdapFrameStatus.Complete)
            {
                LdapMessage message = LdapCodec.Decode(_buffer.AsSpan(0, length).ToArray(), LdapLimits.Default);
                _filled -= length;
                _buffer.AsSpan(length, _filled).CopyTo(_buffer);
                return message;
            }

            int read = await _stream.ReadAsync(_buffer.AsMemory(_filled));
            if (read == 0)
            {
                return null;
            }

            _filled += read;
        }
    }

    /// <summary>Everything until the client closes its side; to be called last.</summary>
    public async Task UntilClosedAsync()
    {
        try
        {
            while (await TryReadAsync() is not null)
            {
            }
        }
        catch (IOException)
        {
            // A reset ends it as well.
        }
    }

    /// <summary>Several operations with one id, in one write.</summary>
    public Task SendAsync(int id, params LdapOperation[] operations) =>
        SendAsync([.. operations.Select(o => new LdapMessage(id, o))]);

    /// <summary>In one write.</summary>
    public async Task SendAsync(params LdapMessage[] messages)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (LdapMessage message in messages)
        {
            LdapCodec.Encode(message, bytes);
        }

        await SendRawAsync(bytes.WrittenMemory);
    }

    public async Task SendRawAsync(ReadOnlyMemory<byte> octets)
    {
        await _stream.WriteAsync(octets);
        await _stream.FlushAsync();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
