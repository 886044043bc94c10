using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Subscriptions;

public sealed class SealedSubscriptionTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TempFolder _folder = new();

    [Fact]
    public void File_sealed_with_a_passphrase_opens_with_it_and_says_when_it_is_another()
    {
        SubscriptionFile file = SampleSubscription.File();
        byte[] content = SealedSubscription.Seal(file.ToBytes(), Passphrase);
        Assert.Equal(SubscriptionForm.Passphrase, SealedSubscription.Describe(content, "edge.cms").Form);
        Assert.Equal(file.ToBytes(), SubscriptionFile.Parse(content, "edge.cms", new SubscriptionOpeners(Passphrase, [])).ToBytes());
        Assert.DoesNotContain("EDGE1", Encoding.Latin1.GetString(content), StringComparison.Ordinal);

        Assert.Contains("passphrase is another", Fault(content, new SubscriptionOpeners("correct horse battery stapler", [])).Message, StringComparison.Ordinal);
        SubscriptionFileException none = Fault(content, SubscriptionOpeners.None);
        Assert.Contains("sealed with a passphrase", none.Message, StringComparison.Ordinal);
        Assert.Contains("--passphrase-file", none.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void File_sealed_for_a_hub_opens_there_and_elsewhere_says_for_whom_it_is(KeyAlgorithm algorithm)
    {
        using X509Certificate2 hub = SampleSubscription.Certificate("HUB1", algorithm);
        using X509Certificate2 other = SampleSubscription.Certificate("HUB2", algorithm);
        SubscriptionFile file = SampleSubscription.File();
        using X509Certificate2 publicOnly = X509CertificateLoader.LoadCertificate(hub.RawData);
        byte[] content = SealedSubscription.Seal(file.ToBytes(), publicOnly);
        Assert.Equal(SubscriptionForm.Hub, SealedSubscription.Describe(content, "edge.cms").Form);
        Assert.Equal(file.ToBytes(), SubscriptionFile.Parse(content, "edge.cms", new SubscriptionOpeners(null, [other, hub])).ToBytes());

        SubscriptionFileException e = Fault(content, new SubscriptionOpeners(Passphrase, [other]));
        Assert.Contains("CN=HUB1", e.Message, StringComparison.Ordinal);
        Assert.Contains("hub identity", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_passphrase_is_refused()
    {
        Assert.Throws<SubscriptionException>(() => SealedSubscription.Seal([], new string('x', SealedSubscription.MinPassphrase - 1)));
        Assert.Throws<SubscriptionException>(() => SealedSubscription.Seal([], new string('x', SealedSubscription.MaxPassphrase + 1)));
        SealedSubscription.Seal([], new string('x', SealedSubscription.MinPassphrase));
    }

    [Fact]
    public void Every_truncation_of_a_sealed_file_is_refused()
    {
        using X509Certificate2 hub = SampleSubscription.Certificate("HUB1", KeyAlgorithm.EcdsaP256);
        SubscriptionOpeners openers = new(null, [hub]);
        byte[] whole = SealedSubscription.Seal(SampleSubscription.File().ToBytes(), hub);
        for (int length = 0; length < whole.Length - 1; length++)
        {
            Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(whole.AsMemory(0, length), "edge.cms", openers));
        }
    }

    [Fact]
    public void Damage_of_a_sealed_file_is_named_with_its_line_or_found_by_the_seal()
    {
        using X509Certificate2 hub = SampleSubscription.Certificate("HUB1", KeyAlgorithm.EcdsaP256);
        SubscriptionOpeners openers = new(null, [hub]);
        string[] lines = Encoding.ASCII.GetString(SealedSubscription.Seal(SampleSubscription.File().ToBytes(), hub)).Split('\n');
        SubscriptionFileException e = Fault(Change(lines, 7, line => line[..10] + "?" + line[11..]), openers);
        Assert.Equal((8, true), (e.Line, e.Message.Contains("base64", StringComparison.Ordinal)));
        Assert.Equal(lines.Length, Fault(Change(lines, lines.Length - 1, _ => "more"), openers).Line);

        // A change that is base64 still.
        SubscriptionFileException changed = Fault(Change(lines, lines.Length - 6, line => (line[0] == 'A' ? 'B' : 'A') + line[1..]), openers);
        Assert.Contains("was changed", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_line_endings_and_blank_lines_before_it_do_no_harm()
    {
        SubscriptionFile file = SampleSubscription.File();
        string content = "\r\n" + Encoding.ASCII.GetString(SealedSubscription.Seal(file.ToBytes(), Passphrase)).ReplaceLineEndings("\r\n");
        Assert.Equal(file.ToBytes(), SubscriptionFile.Parse(Encoding.ASCII.GetBytes(content), "edge.cms", new SubscriptionOpeners(Passphrase, [])).ToBytes());
    }

    [SkippableFact]
    public async Task OpenSsl_opens_what_is_sealed_for_a_hub()
    {
        Peers.Require("openssl");
        using X509Certificate2 hub = SampleSubscription.Certificate("HUB1", KeyAlgorithm.EcdsaP256);
        SubscriptionFile file = SampleSubscription.File();
        await File.WriteAllBytesAsync(_folder["edge.cms"], SealedSubscription.Seal(file.ToBytes(), hub));
        await File.WriteAllTextAsync(_folder["hub.crt"], hub.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["hub.key"], hub.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        using Process openssl = Process.Start(new ProcessStartInfo(
            "openssl", ["cms", "-decrypt", "-inform", "PEM", "-binary", "-in", _folder["edge.cms"], "-recip", _folder["hub.crt"], "-inkey", _folder["hub.key"], "-out", _folder["edge.xml"]])
        {
            RedirectStandardError = true,
        })!;
        string complaint = await openssl.StandardError.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        Assert.True(openssl.ExitCode == 0, complaint);
        Assert.Equal(file.ToBytes(), await File.ReadAllBytesAsync(_folder["edge.xml"]));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Change(string[] lines, int index, Func<string, string> change) =>
        Encoding.ASCII.GetBytes(string.Join('\n', lines.Select((line, i) => i == index ? change(line) : line)));

    private static SubscriptionFileException Fault(byte[] content, SubscriptionOpeners openers) =>
        Assert.Throws<SubscriptionFileException>(() => SubscriptionFile.Parse(content, "edge.cms", openers));
}
