using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>Servers that do not do what they should: a look at them ends, and says why.</summary>
public sealed class ServedCertificateTests
{
    [Theory]
    [Trait("RFC", "3207")]
    [InlineData(ProbeProtocol.Smtp, "554 no\r\n", "554 no")]
    [InlineData(ProbeProtocol.Smtp, "220 hello\r\n250-me\r\n250 HELP\r\n502 what?\r\n", "502 what?")]
    [InlineData(ProbeProtocol.Tls, "HTTP/1.1 400 Bad Request\r\n\r\n", "TLS failed")]
    public Task A_server_without_TLS_is_named_by_its_words(ProbeProtocol protocol, string says, string fault) => FailsAsync(protocol, says, fault);

    [Theory]
    [Trait("RFC", "2595")]
    [InlineData(ProbeProtocol.Imap, "* BYE\r\n", "* BYE")]
    [InlineData(ProbeProtocol.Imap, "* OK\r\n* CAPABILITY\r\na1 BAD\r\n", "a1 BAD")]
    [InlineData(ProbeProtocol.Pop, "+OK\r\n-ERR\r\n", "-ERR")]
    [InlineData(ProbeProtocol.Pop, "+OK\r\n", "closed the connection")]
    public Task A_mailbox_server_without_TLS_is_named_by_its_words(ProbeProtocol protocol, string says, string fault) => FailsAsync(protocol, says, fault);

    [Fact]
    public Task A_line_may_be_as_long_as_the_limit_and_no_longer() =>
        FailsAsync(ProbeProtocol.Imap, "* OK" + new string('x', ServedCertificate.MaxLine - 4) + "\r\n", "octets");

    [Fact]
    public Task An_answer_may_have_as_many_lines_as_the_limit_and_no_more() =>
        FailsAsync(ProbeProtocol.Smtp, string.Concat(Enumerable.Repeat("220-x\r\n", ServedCertificate.MaxLines)) + "220 x\r\n", "lines");

    [Fact]
    public async Task A_closed_port_is_told_from_a_fault()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string address = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        await Assert.ThrowsAsync<NobodyThereException>(() => ServedCertificate.AskAsync(new ServiceProbe(default, address, ProbeProtocol.Tls, null, "", true), default));
    }

    [Theory]
    [InlineData("mail.example.com")]
    [InlineData(":25")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    public void What_is_no_address_is_said(string address) => Assert.Equal("settings", Assert.Throws<ServiceException>(() => ServedCertificate.Parse(address)).Code);

    [Fact]
    public void An_address_may_be_of_either_family() => Assert.Equal(("::1", 993), ServedCertificate.Parse("[::1]:993"));

    private static async Task FailsAsync(ProbeProtocol protocol, string says, string fault)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> look = ServedCertificate.AskAsync(new ServiceProbe(default, listener.LocalEndpoint.ToString()!, protocol, null, "", false), default);
        using (TcpClient server = await listener.AcceptTcpClientAsync())
        {
            await server.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says));
            server.Client.Shutdown(SocketShutdown.Send);
            IOException failure = await Assert.ThrowsAsync<IOException>(() => look);
            Assert.Contains(fault, failure.Message, StringComparison.Ordinal);
        }
    }
}
