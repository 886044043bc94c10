using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates.Tests.Store;

public sealed class CertificateStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CertificateStore _store;

    public CertificateStoreTests() => _store = new CertificateStore(_folder["keys"]);

    public void Dispose() => _folder.Dispose();

    private static X509Certificate2 Make(KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) =>
        SelfSignedCertificate.Create(new SelfSignedRequest("edge1.example.com", ["edge1.example.com"], algorithm, TimeSpan.FromDays(365)), TimeProvider.System);

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void Store_gives_back_what_was_saved_with_its_key(KeyAlgorithm algorithm)
    {
        using X509Certificate2 made = Make(algorithm);
        _store.Save("edge-cert", made);

        using X509Certificate2? loaded = _store.TryLoad("edge-cert");

        Assert.NotNull(loaded);
        Assert.True(loaded.HasPrivateKey);
        Assert.Equal(made.RawData, loaded.RawData);
    }

    [Fact]
    public void Store_keeps_the_key_for_the_owner_only()
    {
        using X509Certificate2 made = Make();
        _store.Save("edge-cert", made);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["keys/edge-cert.key.pem"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["keys"]));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", File.ReadAllText(_folder["keys/edge-cert.key.pem"]), StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", File.ReadAllText(_folder["keys/edge-cert.crt.pem"]), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_folder["keys"]).Length);
    }

    [Fact]
    public void Store_without_the_certificate_answers_null() => Assert.Null(_store.TryLoad("edge-cert"));

    [Fact]
    public void Store_overwrites_no_certificate()
    {
        using X509Certificate2 first = Make();
        using X509Certificate2 second = Make();
        _store.Save("edge-cert", first);

        Assert.Throws<PrivateFileException>(() => _store.Save("edge-cert", second));

        using X509Certificate2? loaded = _store.TryLoad("edge-cert");
        Assert.Equal(first.RawData, loaded!.RawData);
    }

    [Fact]
    public void Store_saves_over_a_key_that_an_interrupted_save_left()
    {
        using X509Certificate2 made = Make();
        PrivateFile.CreateFolder(_folder["keys"]);
        PrivateFile.CreateNew(_folder["keys/edge-cert.key.pem"], "half a"u8);

        _store.Save("edge-cert", made);

        using X509Certificate2? loaded = _store.TryLoad("edge-cert");
        Assert.Equal(made.RawData, loaded!.RawData);
    }

    [Fact]
    public void Store_says_when_the_key_is_missing()
    {
        using X509Certificate2 made = Make();
        _store.Save("edge-cert", made);
        File.Delete(_folder["keys/edge-cert.key.pem"]);

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => _store.TryLoad("edge-cert"));

        Assert.Contains("edge-cert.key.pem' is not", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Store_refuses_a_key_that_others_may_read()
    {
        using X509Certificate2 made = Make();
        _store.Save("edge-cert", made);
        File.SetUnixFileMode(_folder["keys/edge-cert.key.pem"], UnixFileMode.UserRead | UnixFileMode.GroupRead);

        Assert.Contains("chmod 600", Assert.Throws<PrivateFileException>(() => _store.TryLoad("edge-cert")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not PEM at all")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void Store_names_the_files_that_are_no_pair(string key)
    {
        using X509Certificate2 made = Make();
        _store.Save("edge-cert", made);
        PrivateFile.Replace(_folder["keys/edge-cert.key.pem"], System.Text.Encoding.ASCII.GetBytes(key));

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => _store.TryLoad("edge-cert"));

        Assert.Contains("edge-cert.crt.pem", e.Message, StringComparison.Ordinal);
        Assert.Contains("edge-cert.key.pem", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Store_refuses_the_key_of_another_certificate()
    {
        using X509Certificate2 one = Make();
        using X509Certificate2 other = Make();
        _store.Save("one", one);
        _store.Save("other", other);
        File.Copy(_folder["keys/other.key.pem"], _folder["keys/one.key.pem"], overwrite: true);

        Assert.Throws<PrivateFileException>(() => _store.TryLoad("one"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../edge-cert")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    public void Store_takes_only_plain_names(string name) => Assert.Throws<ArgumentException>(() => _store.TryLoad(name));
}
