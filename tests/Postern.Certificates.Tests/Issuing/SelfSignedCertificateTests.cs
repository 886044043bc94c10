using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates.Tests.Issuing;

public class SelfSignedCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private static SelfSignedRequest Request(KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) =>
        new("edge1.example.com", ["edge1.example.com", "edge1"], algorithm, TimeSpan.FromDays(1825));

    private static X509Certificate2 Make(SelfSignedRequest request) => SelfSignedCertificate.Create(request, new FixedTime(Now));

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256, "1.2.840.10045.2.1", "sha256ECDSA")]
    [InlineData(KeyAlgorithm.EcdsaP384, "1.2.840.10045.2.1", "sha384ECDSA")]
    [InlineData(KeyAlgorithm.Rsa2048, "1.2.840.113549.1.1.1", "sha256RSA")]
    public void Certificate_has_the_key_asked_for(KeyAlgorithm algorithm, string keyOid, string signature)
    {
        using X509Certificate2 certificate = Make(Request(algorithm));

        Assert.True(certificate.HasPrivateKey);
        Assert.Equal(keyOid, certificate.PublicKey.Oid.Value);
        Assert.Equal(signature, certificate.SignatureAlgorithm.FriendlyName);
    }

    [Fact]
    public void Certificate_is_for_servers_and_clients_and_issues_nothing()
    {
        using X509Certificate2 certificate = Make(Request());

        Assert.Equal("CN=edge1.example.com", certificate.Subject);
        Assert.Equal(certificate.Subject, certificate.Issuer);
        Assert.Equal(
            ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value));
        X509KeyUsageExtension usage = certificate.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.Equal(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement, usage.KeyUsages);
        Assert.True(usage.Critical);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(
            ["edge1.example.com", "edge1"],
            certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
    }

    [Fact]
    public void Certificate_of_an_address_names_it_as_an_address()
    {
        using X509Certificate2 certificate = Make(Request() with { DnsNames = ["edge1", "127.0.0.1"] });

        Assert.Equal([IPAddress.Loopback], certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateIPAddresses());
    }

    [Fact]
    public void Certificate_of_RSA_can_also_encipher_keys()
    {
        using X509Certificate2 certificate = Make(Request(KeyAlgorithm.Rsa2048));

        Assert.Equal(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment,
            certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
    }

    [Fact]
    public void Certificate_begins_a_little_before_now_and_ends_after_its_lifetime()
    {
        using X509Certificate2 certificate = Make(Request());

        Assert.Equal(Now - SelfSignedCertificate.BackDating, new DateTimeOffset(certificate.NotBefore.ToUniversalTime()));
        Assert.Equal(Now.AddDays(1825), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
    }

    [Fact]
    public void Serials_are_random_positive_and_of_one_length()
    {
        HashSet<string> serials = [];
        for (int i = 0; i < 50; i++)
        {
            using X509Certificate2 certificate = Make(Request());
            byte[] serial = certificate.SerialNumberBytes.ToArray();
            Assert.Equal(16, serial.Length);
            Assert.True(serial[0] is > 0 and < 0x80);
            Assert.True(serials.Add(certificate.SerialNumber));
        }
    }

    [Fact]
    public void Common_name_of_the_limit_is_taken_and_one_more_refused()
    {
        using X509Certificate2 certificate = Make(Request() with { CommonName = new string('a', SelfSignedCertificate.MaxCommonNameLength) });

        Assert.Throws<ArgumentException>(() => Make(Request() with { CommonName = new string('a', SelfSignedCertificate.MaxCommonNameLength + 1) }));
        Assert.Throws<ArgumentException>(() => Make(Request() with { CommonName = "" }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("bücher.example")]
    [InlineData("a..b")]
    public void Bad_DNS_names_are_refused_by_name(string name)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Make(Request() with { DnsNames = [name] }));

        Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_name_and_no_lifetime_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Make(Request() with { DnsNames = [] }));
        Assert.Throws<ArgumentException>(() => Make(Request() with { Lifetime = TimeSpan.Zero }));
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public async Task Certificate_from_the_store_serves_TLS_on_both_sides(KeyAlgorithm algorithm)
    {
        using TestFolder folder = new();
        CertificateStore store = new(folder["keys"]);
        using (X509Certificate2 made = SelfSignedCertificate.Create(Request(algorithm), TimeProvider.System))
        {
            store.Save("edge-cert", made);
        }

        using X509Certificate2 certificate = store.TryLoad("edge-cert")!;
        CertificatePin pin = CertificatePin.Of(certificate);
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        using Socket server = await listener.AcceptAsync();
        await using SslStream serverTls = new(new NetworkStream(server));
        await using SslStream clientTls = new(new NetworkStream(client));

        bool Pinned(object sender, X509Certificate? peer, X509Chain? chain, SslPolicyErrors errors) => peer is X509Certificate2 shown && pin.Matches(shown);
        await Task.WhenAll(
            serverTls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = Pinned,
            }),
            clientTls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "edge1.example.com",
                ClientCertificates = [certificate],
                RemoteCertificateValidationCallback = Pinned,
            }));

        Assert.True(clientTls.IsMutuallyAuthenticated);
    }
}
