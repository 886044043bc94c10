using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>The way to an edge, step by step: name, port, TLS, pin. Nothing is said to the peer but a TLS handshake.</summary>
/// <param name="patience">For each step.</param>
internal sealed class EdgePath(string edge, LdapEndpoint endpoint, string tlsName, IReadOnlyList<CertificatePin> pins, TimeSpan patience)
{
    /// <summary>Content types of the TLS record layer, RFC 8446 section 5.1: 20 to 23, and heartbeat (RFC 6520).</summary>
    private const byte FirstRecordType = 20;
    private const byte LastRecordType = 24;

    private readonly List<Finding> _findings = [];

    /// <summary>Those of the steps that were taken, in their order; the last one failed unless all are there.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>What the peer showed.</summary>
    public X509Certificate2? Certificate { get; private set; }

    /// <returns>Whether a pinned peer is at the end of it.</returns>
    public async Task<bool> WalkAsync(CancellationToken cancellationToken)
    {
        if (await ResolveAsync(cancellationToken) is not { } addresses || await ConnectAsync(addresses, cancellationToken) is not { } socket)
        {
            return false;
        }

        using (socket)
        {
            return await ShakeHandsAsync(socket, cancellationToken) && CheckPin();
        }
    }

    private async Task<IPAddress[]?> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out IPAddress? literal))
        {
            Good("dns", $"{endpoint.Host} is an address");
            return [literal];
        }

        using CancellationTokenSource within = Within(cancellationToken);
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(endpoint.Host, within.Token);
            if (found.Length > 0)
            {
                Good("dns", $"{endpoint.Host} is {string.Join(", ", found.Select(one => one.ToString()))}");
                return found;
            }

            Fail("dns", FindingCodes.NameNotFound, $"{endpoint.Host}: no addresses");
        }
        catch (SocketException e)
        {
            Fail("dns", FindingCodes.NameNotFound, $"{endpoint.Host}: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Fail("dns", FindingCodes.NameNotFound, $"{endpoint.Host}: the name service did not answer within {Seconds(patience)}");
        }

        return null;
    }

    private async Task<Socket?> ConnectAsync(IPAddress[] addresses, CancellationToken cancellationToken)
    {
        FindingCode code = FindingCodes.PortSilent;
        List<string> evidence = [];
        foreach (IPAddress address in addresses)
        {
            IPEndPoint peer = new(address, endpoint.Port);
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using CancellationTokenSource within = Within(cancellationToken);
            try
            {
                await socket.ConnectAsync(peer, within.Token);
                Good("tcp", string.Join("; ", [.. evidence, $"{peer} takes connections"]));
                return socket;
            }
            catch (SocketException e)
            {
                code = e.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => FindingCodes.PortRefused,
                    SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.HostDown or SocketError.AddressNotAvailable => FindingCodes.HostUnreachable,
                    _ => FindingCodes.PortSilent,
                };
                evidence.Add($"{peer}: {e.Message}");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                code = FindingCodes.PortSilent;
                evidence.Add($"{peer}: no answer within {Seconds(patience)}");
            }

            socket.Dispose();
        }

        Fail("tcp", code, string.Join("; ", evidence));
        return null;
    }

    private async Task<bool> ShakeHandsAsync(Socket socket, CancellationToken cancellationToken)
    {
        using CancellationTokenSource within = Within(cancellationToken);
        FirstOctets first = new(new NetworkStream(socket));
        await using SslStream tls = new(first, leaveInnerStreamOpen: false);
        string failure;
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = tlsName,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

                    // Whatever it shows is taken, to be looked at: nothing is said over this session.
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        Certificate = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                        return Certificate is not null;
                    },
                    AllowTlsResume = false,
                },
                within.Token);
            Good("tls", $"{(tls.SslProtocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2")}, {tls.NegotiatedCipherSuite}");
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or CryptographicException)
        {
            failure = Reason(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failure = $"no answer within {Seconds(patience)}";
        }

        FindingCode code = first.Octet switch
        {
            null => FindingCodes.ClosedBeforeTls,
            < FirstRecordType or > LastRecordType => FindingCodes.NotTls,
            _ => FindingCodes.TlsRefused,
        };
        Fail("tls", code, failure);
        return false;
    }

    private bool CheckPin()
    {
        if (Certificate is null)
        {
            Fail("pin", FindingCodes.PinMismatch, "the peer showed no certificate");
            return false;
        }

        CertificatePin found = CertificatePin.Of(Certificate);
        if (pins.Contains(found))
        {
            Good("pin", $"sha256:{found} is pinned");
            return true;
        }

        Fail("pin", FindingCodes.PinMismatch, string.Create(
            CultureInfo.InvariantCulture,
            $"expected {string.Join(" or ", pins.Select(pin => $"sha256:{pin}"))}, found sha256:{found} (subject {Certificate.Subject}, made {Certificate.NotBefore.ToUniversalTime():u})"));
        return false;
    }

    /// <summary>By the real clock: what is waited for is real, in tests too.</summary>
    private CancellationTokenSource Within(CancellationToken cancellationToken)
    {
        CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(patience);
        return source;
    }

    private void Good(string check, string evidence) => _findings.Add(Finding.Good(check, edge, evidence));

    private void Fail(string check, FindingCode code, string evidence) => _findings.Add(Finding.Failed(check, edge, code, evidence));

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0} s";

    /// <summary>With the cause behind it: TLS says the useful half there.</summary>
    private static string Reason(Exception e) => e.InnerException is { } inner ? $"{e.Message.TrimEnd('.')}: {Reason(inner)}" : e.Message;
}
