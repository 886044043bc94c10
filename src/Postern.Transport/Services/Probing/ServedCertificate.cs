using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Transport.Services;

/// <summary>Nobody listens there.</summary>
internal sealed class NobodyThereException(string message, Exception inner) : IOException(message, inner);

/// <summary>Asks a service for its certificate, as a client would.</summary>
// RFC 3207 (partial): section 4, the client's STARTTLS, to see the certificate; no mail is sent
// RFC 2595 (partial): sections 3.1 and 4, the client's STARTTLS and STLS, to see the certificate
internal static class ServedCertificate
{
    /// <summary>Octets of a line of a greeting or an answer. RFC 5321 section 4.5.3.1.5 has 512; capabilities of IMAP are longer.</summary>
    public const int MaxLine = 8 * 1024;

    /// <summary>Lines of one answer. Ours.</summary>
    public const int MaxLines = 200;

    /// <returns>SHA-256 of the certificate that is shown, lower-case hexadecimal digits.</returns>
    /// <exception cref="NobodyThereException">The port is closed.</exception>
    /// <exception cref="IOException">There is no TLS, or the connection ends.</exception>
    public static async Task<string> AskAsync(ServiceProbe probe, CancellationToken cancellationToken)
    {
        (string host, int port) = Parse(probe.Address);
        using TcpClient client = new() { NoDelay = true };
        try
        {
            await client.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new NobodyThereException(e.Message, e);
        }

        NetworkStream stream = client.GetStream();
        await StartAsync(stream, probe.Protocol, cancellationToken).ConfigureAwait(false);
        string? shown = null;
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = probe.Name ?? "",

            // A resumed session repeats the certificate of the one before.
            AllowTlsResume = false,
#pragma warning disable CA5359 // Nothing is said or trusted: which certificate is shown is the question, and the caller compares it.
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                shown = certificate is null ? null : Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));
                return true;
            },
#pragma warning restore CA5359
        };
        SslStream tls = new(stream);
        await using (tls.ConfigureAwait(false))
        {
            try
            {
                await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            }
            catch (AuthenticationException e)
            {
                throw new IOException($"TLS failed: {(e.InnerException ?? e).Message}", e);
            }

            await LeaveAsync(tls, probe.Protocol, cancellationToken).ConfigureAwait(false);
        }

        return shown ?? throw new IOException("no certificate was shown");
    }

    /// <exception cref="ServiceException">It is no address.</exception>
    internal static (string Host, int Port) Parse(string address)
    {
        int colon = address.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? (address[..colon].Trim('[', ']'), port)
            : throw new ServiceException("settings", $"'{address}' is no address of a probe", $"write HOST:PORT, like 127.0.0.1:25, in {ServiceSettingsFile.Name}");
    }

    private static async Task StartAsync(NetworkStream stream, ProbeProtocol protocol, CancellationToken cancellationToken)
    {
        switch (protocol)
        {
            case ProbeProtocol.Smtp:
                await ReplyAsync(stream, "220", cancellationToken).ConfigureAwait(false);
                await SayAsync(stream, "EHLO [127.0.0.1]", cancellationToken).ConfigureAwait(false);
                await ReplyAsync(stream, "250", cancellationToken).ConfigureAwait(false);
                await SayAsync(stream, "STARTTLS", cancellationToken).ConfigureAwait(false);
                await ReplyAsync(stream, "220", cancellationToken).ConfigureAwait(false);
                break;
            case ProbeProtocol.Imap:
                await ExpectAsync(stream, line => line.StartsWith("* ", StringComparison.Ordinal), "* OK", cancellationToken).ConfigureAwait(false);
                await SayAsync(stream, "a1 STARTTLS", cancellationToken).ConfigureAwait(false);
                await ExpectAsync(stream, line => line.StartsWith("a1 ", StringComparison.OrdinalIgnoreCase), "a1 OK", cancellationToken).ConfigureAwait(false);
                break;
            case ProbeProtocol.Pop:
                await ExpectAsync(stream, _ => true, "+OK", cancellationToken).ConfigureAwait(false);
                await SayAsync(stream, "STLS", cancellationToken).ConfigureAwait(false);
                await ExpectAsync(stream, _ => true, "+OK", cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    /// <summary>Says goodbye, or the log of the service has a lost connection each time. Whether that works is of no interest.</summary>
    private static async Task LeaveAsync(SslStream tls, ProbeProtocol protocol, CancellationToken cancellationToken)
    {
        string? goodbye = protocol switch { ProbeProtocol.Smtp or ProbeProtocol.Pop => "QUIT\r\n", ProbeProtocol.Imap => "a2 LOGOUT\r\n", _ => null };
        try
        {
            if (goodbye is not null)
            {
                await tls.WriteAsync(Encoding.ASCII.GetBytes(goodbye), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // It is gone.
        }
    }

    private static async Task SayAsync(NetworkStream stream, string line, CancellationToken cancellationToken) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellationToken).ConfigureAwait(false);

    /// <summary>RFC 5321 section 4.2: lines of one reply have a hyphen after the code, the last one has none.</summary>
    private static Task ReplyAsync(NetworkStream stream, string code, CancellationToken cancellationToken) =>
        ExpectAsync(stream, line => line.Length < 4 || line[3] != '-', code, cancellationToken);

    private static async Task ExpectAsync(NetworkStream stream, Func<string, bool> isLast, string beginning, CancellationToken cancellationToken)
    {
        for (int count = 0; count < MaxLines; count++)
        {
            string line = await LineAsync(stream, cancellationToken).ConfigureAwait(false);
            if (isLast(line))
            {
                if (!line.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                {
                    throw new IOException($"it answered '{line}' where '{beginning}' was expected");
                }

                return;
            }
        }

        throw new IOException($"its answer has more than {MaxLines} lines");
    }

    /// <summary>Octet by octet: what follows the last line belongs to TLS.</summary>
    private static async Task<string> LineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] octet = new byte[1];
        StringBuilder line = new();
        while (await stream.ReadAsync(octet, cancellationToken).ConfigureAwait(false) == 1)
        {
            if (octet[0] == (byte)'\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            if (line.Append((char)octet[0]).Length > MaxLine)
            {
                throw new IOException($"it sent a line of more than {MaxLine} octets");
            }
        }

        throw new IOException("it closed the connection before TLS");
    }
}
