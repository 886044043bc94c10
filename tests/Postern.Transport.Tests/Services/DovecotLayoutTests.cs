using Postern.Certificates;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>The file that Dovecot includes, in the words of its version.</summary>
public sealed class DovecotLayoutTests : IDisposable
{
    private readonly NodeStore _node = new();

    [Fact]
    public void The_words_are_those_of_the_version()
    {
        StoredCertificate one = _node.Add(MailServices.Imap, "imap.example.com");
        DovecotLayout layout = DovecotLayout.Of(BindingPlan.Of(_node.Store.All(), new ServiceSettings(), TimeProvider.System.GetUtcNow()));
        Assert.Contains($"protocol imap {{\n  ssl_cert = </data/{one.Sha256}.pem\n  ssl_key = </data/{one.Sha256}.key\n}}\n", layout.Write("/data", DovecotSyntax.Of("2.3.19.1 (9b53102964)"), false), StringComparison.Ordinal);
        string newer = layout.Write("/data", DovecotSyntax.Of("2.4.1-4 (7d8c0e5759)"), true);
        Assert.Contains($"  ssl_server_cert_file = /data/{one.Sha256}.pem\n  ssl_server_key_file = /data/{one.Sha256}.key\n", newer, StringComparison.Ordinal);
        Assert.Contains("\nssl = yes\n", newer, StringComparison.Ordinal);
        Assert.DoesNotContain("pop3", newer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.2.36")]
    [InlineData("3.0.0")]
    [InlineData("")]
    public void Another_version_is_refused(string version) => Assert.Equal("unsupported", Assert.Throws<ServiceException>(() => DovecotSyntax.Of(version)).Code);

    [Theory]
    [InlineData("/var/lib/my data")]
    [InlineData("/var/lib/$x")]
    [InlineData("/var/lib/a,b")]
    [InlineData("/var/lib/a;b")]
    public void A_path_that_means_something_to_a_service_is_refused(string path) => Assert.Equal("unsupported", Assert.Throws<ServiceException>(() => ServicePath.Checked(path)).Code);

    public void Dispose() => _node.Dispose();
}
