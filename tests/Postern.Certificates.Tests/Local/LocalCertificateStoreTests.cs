using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates.Tests.Local;

public sealed class LocalCertificateStoreTests : IDisposable
{
    private static readonly CertificateMetadata Plain = new();

    private readonly TestFolder _folder = new();
    private readonly LocalCertificateStore _store;

    public LocalCertificateStoreTests() => _store = new LocalCertificateStore(_folder["certificates"], TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    private static X509Certificate2 Make(string name = "mail", KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) =>
        SelfSignedCertificate.Create(new SelfSignedRequest(name, [$"{name}.example.com"], algorithm, TimeSpan.FromDays(30)), TimeProvider.System);

    private StoredCertificate Add(X509Certificate2 certificate, CertificateMetadata? metadata = null, params X509Certificate2[] chain) =>
        _store.Add(new CertificateBundle(certificate, chain), metadata ?? Plain);

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void What_was_added_is_read_back_with_chain_key_and_metadata(KeyAlgorithm algorithm)
    {
        using X509Certificate2 made = Make(algorithm: algorithm);
        using X509Certificate2 issuer = Make("issuer");

        Add(made, new CertificateMetadata { FriendlyName = "front", Services = MailServices.Smtp | MailServices.Imap, IsDefaultSmtp = true }, issuer);
        StoredCertificate read = Assert.Single(_store.All());
        using X509Certificate2 loaded = LocalCertificateStore.LoadWithKey(read);

        Assert.Equal(made.RawData, read.Certificate!.RawData);
        Assert.Equal(made.Thumbprint, read.Thumbprint);
        Assert.Equal(issuer.RawData, Assert.Single(read.Chain).RawData);
        Assert.Equal(("front", MailServices.Smtp | MailServices.Imap, true), (read.Metadata.FriendlyName, read.Metadata.Services, read.Metadata.IsDefaultSmtp));
        Assert.True(loaded.HasPrivateKey);
        Assert.Equal(PrivateKeyPem.Write(made), LocalCertificateStore.ReadKey(read));
    }

    [SkippableFact]
    public void Nobody_else_may_enter_or_read()
    {
        Skip.If(OperatingSystem.IsWindows());
        using X509Certificate2 made = Make();

        StoredCertificate added = Add(made);

        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(_store.Folder));
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(added.Folder));
        Assert.All(Directory.GetFiles(added.Folder), file => Assert.Equal(owner, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_certificate_is_found_by_either_digest_as_people_copy_it_and_by_its_first_digits()
    {
        using X509Certificate2 made = Make();
        using X509Certificate2 other = Make("other");
        Add(made);
        Add(other);
        string spaced = string.Join(' ', made.Thumbprint.ToLowerInvariant().Chunk(2).Select(two => new string(two)));

        Assert.Equal(made.Thumbprint, _store.Find(made.Thumbprint).Thumbprint);
        Assert.Equal(made.Thumbprint, _store.Find("\u200E" + spaced).Thumbprint);
        Assert.Equal(made.Thumbprint, _store.Find($@"EX1.example.com\{made.Thumbprint}").Thumbprint);
        Assert.Equal(made.Thumbprint, _store.Find(CertificatePin.Of(made).ToString()).Thumbprint);
        Assert.Equal(made.Thumbprint, _store.Find(made.Thumbprint[..LocalCertificateStore.MinPrefix]).Thumbprint);
        Assert.Equal("notFound", Assert.Throws<CertificateStoreException>(() => _store.Find(made.Thumbprint[..(LocalCertificateStore.MinPrefix - 1)])).Code);
        Assert.Equal("notFound", Assert.Throws<CertificateStoreException>(() => _store.Find("no digits at all")).Code);
    }

    [Fact]
    public void The_same_twice_is_refused_but_a_key_that_was_missing_is_taken()
    {
        using X509Certificate2 made = Make();
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(made.RawData);

        StoredCertificate without = Add(bare, Plain with { FriendlyName = "front" });
        Assert.Equal("alreadyThere", Assert.Throws<CertificateStoreException>(() => Add(bare)).Code);
        Assert.Equal("noKey", Assert.Throws<CertificateStoreException>(() => LocalCertificateStore.LoadWithKey(without)).Code);
        Add(made);

        StoredCertificate now = Assert.Single(_store.All());
        Assert.True(now.HasPrivateKey);
        Assert.Equal("front", now.Metadata.FriendlyName);
        Assert.Equal("alreadyThere", Assert.Throws<CertificateStoreException>(() => Add(made)).Code);
    }

    [Fact]
    public void The_answer_to_a_request_takes_its_key_and_ends_it()
    {
        using AsymmetricAlgorithm key = NewKey.Make(KeyAlgorithm.EcdsaP256);
        byte[] request = SigningRequest.Create(CertificateSubject.Parse("CN=mail"), ["mail.example.com"], key);
        StoredCertificate pending = _store.AddRequest(request, PrivateKeyPem.Write(key), new CertificateMetadata { FriendlyName = "asked for", IsExportable = true });
        using X509Certificate2 other = Make();
        Add(other);
        using X509Certificate2 withKey = SelfSignedCertificate.Create(
            new SelfSignedRequest("mail", ["mail.example.com"], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), key, TimeProvider.System);
        using X509Certificate2 answer = X509CertificateLoader.LoadCertificate(withKey.RawData);

        Assert.True(pending.IsPending);
        Assert.Equal("alreadyThere", Assert.Throws<CertificateStoreException>(() => _store.AddRequest(
            SigningRequest.Create(CertificateSubject.Parse("CN=mail"), ["mail.example.com"], key), PrivateKeyPem.Write(key), Plain)).Code);
        Assert.Equal("pending", Assert.Throws<CertificateStoreException>(() => LocalCertificateStore.LoadWithKey(pending)).Code);
        StoredCertificate done = Add(answer);

        Assert.Equal(2, _store.All().Count);
        Assert.DoesNotContain(_store.All(), one => one.IsPending);
        Assert.True(done.HasPrivateKey);
        Assert.Equal((CertificateOrigin.Requested, "asked for", true), (done.Metadata.Origin, done.Metadata.FriendlyName, done.Metadata.IsExportable));
        using X509Certificate2 loaded = LocalCertificateStore.LoadWithKey(done);
        Assert.True(loaded.HasPrivateKey);
    }

    [Fact]
    public void A_set_that_is_damaged_hides_no_other()
    {
        using X509Certificate2 good = Make();
        using X509Certificate2 bad = Make("bad");
        Add(good);
        StoredCertificate broken = Add(bad);
        File.WriteAllText(Path.Combine(broken.Folder, "certificate.pem"), good.ExportCertificatePem());

        StoredCertificate left = Assert.Single(_store.All(out IReadOnlyList<CertificateStoreException> damaged));

        Assert.Equal(good.Thumbprint, left.Thumbprint);
        Assert.Contains(broken.Folder, Assert.Single(damaged).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_process_left_is_never_seen_and_swept_up_with_the_next_change()
    {
        using X509Certificate2 made = Make();
        StoredCertificate added = Add(made);
        string unborn = Path.Combine(_store.Folder, ".new-abc");
        string gone = Path.Combine(_store.Folder, ".gone-abc");
        Directory.CreateDirectory(unborn);
        File.WriteAllText(Path.Combine(unborn, "key.pem"), "half a ke");
        Directory.Move(added.Folder, gone);

        Assert.Empty(_store.All());
        using (await _store.LockAsync(CancellationToken.None))
        {
            Assert.False(Directory.Exists(unborn) || Directory.Exists(gone));
        }
    }

    [Fact]
    public async Task One_changes_the_store_at_a_time()
    {
        IDisposable first = await _store.LockAsync(CancellationToken.None);
        Task<IDisposable> second = _store.LockAsync(CancellationToken.None);

        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public void The_store_takes_as_many_as_its_limit_and_no_more()
    {
        using X509Certificate2 made = Make();
        using X509Certificate2 other = Make("other");
        StoredCertificate one = Add(made);
        for (int i = 1; i < LocalCertificateStore.MaxSets; i++)
        {
            Directory.CreateDirectory(Path.Combine(_store.Folder, i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture)));
        }

        Assert.Equal("full", Assert.Throws<CertificateStoreException>(() => Add(other)).Code);
        _store.Remove(one);
        Assert.Equal(other.Thumbprint, Add(other).Thumbprint);
    }
}
