using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Postern.Certificates;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Documentation;

/// <summary>Every Postern line of docs/from-exchange.md, run as it stands there on a hub with a Postfix, a Dovecot and an nginx of its own.</summary>
public sealed class FromExchangeTests
{
    private const string Password = "a password";

    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "from-exchange.md"));

    public static IReadOnlyList<string> Lines { get; } = [.. Regex.Matches(Page, @"`(postern [^`]+)`(?= \|)").Select(match => match.Groups[1].Value).Distinct()];

    [Fact]
    public void Every_row_has_a_line_of_Postern_or_says_why_not()
    {
        string[] rows = [.. Page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Exchange", StringComparison.Ordinal))];

        Assert.True(Lines.Count >= 30, $"{Lines.Count} lines");
        Assert.All(rows, row => Assert.True(row.Contains("`postern ", StringComparison.Ordinal) || row.Contains("| nothing |", StringComparison.Ordinal), row));
    }

    [SkippableFact]
    public async Task Every_line_does_what_the_page_says()
    {
        foreach (string peer in (string[])["postfix", "dovecot", "nginx"])
        {
            Peers.Require(peer);
        }

        await using Installation one = await Installation.StartAsync(20);
        await one.SubscribeAsync();
        using Services services = await Services.StartAsync(one);
        await PosternProgram.MustAsync("connector", "send", "add", "Partner", "--address-space", "partner.example", "--smart-host", "mail.partner.example", "--data", one.HubFolder);
        await PosternProgram.MustAsync("connector", "receive", "add", "Front", "--data", one.HubFolder);

        List<string> faults = [];
        foreach (string line in Lines)
        {
            Bench bench = await Bench.MakeAsync(one, line);
            bool isOfFiles = line.Contains(" inspect ", StringComparison.Ordinal) || line.Contains(" convert ", StringComparison.Ordinal);
            CommandResult result = await PosternProgram.RunAsync([.. bench.Arguments, .. isOfFiles ? (string[])[] : ["--data", one.HubFolder]]);

            // A check says with 1 that it found something; it has to say what.
            bool isGood = result.ExitCode == 0 || (line.Contains(" check", StringComparison.Ordinal) && result.ExitCode is 1 or 2 && result.Output.Length > 0);
            if (!isGood || bench.Files.FirstOrDefault(file => !File.Exists(file)) is not null)
            {
                faults.Add($"{line}\n  as: {string.Join(' ', bench.Arguments)}\n{result}");
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
    }

    /// <summary>A line with everything that it names.</summary>
    private sealed record Bench(string[] Arguments, IReadOnlyList<string> Files)
    {
        public static async Task<Bench> MakeAsync(Installation one, string line)
        {
            string[] words = [.. Regex.Matches(line, "\"([^\"]*)\"|(\\S+)").Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value).Skip(1)];
            string folder = one[$"bench{Math.Abs(line.GetHashCode(StringComparison.Ordinal)).ToString(CultureInfo.InvariantCulture)}"];
            System.IO.Directory.CreateDirectory(folder);
            string File(string name) => Path.Combine(folder, name);
            List<string> written = [];
            for (int i = 0; i < words.Length; i++)
            {
                switch (words[i])
                {
                    case "THUMBPRINT":
                        words[i] = await NewAsync(one);
                        break;
                    case "ENABLED":
                        words[i] = await NewAsync(one);
                        await PosternProgram.MustAsync("certificate", "enable", words[i], "--services", "smtp", "--force", "--data", one.HubFolder);
                        break;
                    case "PENDING":
                        words[i] = (await PosternProgram.JsonAsync(0, "certificate", "request", "--domain", "mail.example.com", "--data", one.HubFolder)).GetProperty("request").GetProperty("thumbprint").GetString()!;
                        break;
                    case "password.txt":
                        words[i] = File("password.txt");
                        await System.IO.File.WriteAllTextAsync(words[i], Password + "\n");
                        break;
                    case "mail.pfx":
                        words[i] = File("mail.pfx");
                        await System.IO.File.WriteAllBytesAsync(words[i], Pfx());
                        break;
                    case "answer.p7b":
                        words[i] = File("answer.p7b");
                        await AnswerAsync(one, words[i]);
                        break;
                    case "cert.txt":
                        words[i] = File("cert.txt");
                        await System.IO.File.WriteAllTextAsync(words[i], Certutil());
                        break;
                    case var name when i > 0 && (words[i - 1] == "--file" || name == "capi.pfx"):
                        words[i] = File(name);
                        written.Add(words[i]);
                        break;
                    default:
                        break;
                }
            }

            return new Bench(words, written);
        }

        private static async Task<string> NewAsync(Installation one) =>
            (await PosternProgram.JsonAsync(0, "certificate", "new", "--domain", "mail.example.com", "--exportable", "--data", one.HubFolder)).GetProperty("thumbprint").GetString()!;

        private static X509Certificate2 Make() =>
            SelfSignedCertificate.Create(new SelfSignedRequest("mail.example.com", ["mail.example.com"], KeyAlgorithm.Rsa2048, TimeSpan.FromDays(30)), TimeProvider.System);

        private static byte[] Pfx()
        {
            using X509Certificate2 certificate = Make();
            return CertificateFileWriter.Pkcs12(new CertificateBundle(certificate, []), Password, Pkcs12Profile.Modern);
        }

        /// <summary>What an authority makes of a request that waits on the hub.</summary>
        private static async Task AnswerAsync(Installation one, string path)
        {
            string pem = (await PosternProgram.JsonAsync(0, "certificate", "request", "--domain", "mail.example.com", "--data", one.HubFolder)).GetProperty("pem").GetString()!;
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest root = new("CN=Example Root", key, HashAlgorithmName.SHA256);
            root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
            DateTimeOffset now = DateTimeOffset.UtcNow;
            using X509Certificate2 authority = root.CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
            CertificateRequest request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            using X509Certificate2 issued = request.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now.AddHours(-1), now.AddDays(30), RandomNumberGenerator.GetBytes(8));
            await File.WriteAllBytesAsync(path, CertificateFileWriter.Pkcs7(new CertificateBundle(issued, [authority]), asPem: false));
        }

        private static string Certutil()
        {
            using X509Certificate2 certificate = Make();
            string hash = string.Join(' ', certificate.Thumbprint.ToLowerInvariant().Chunk(2).Select(two => new string(two)));
            return $"""
                my "Personal"
                ================ Certificate 0 ================
                X509 Certificate:
                Version: 3
                Serial Number: {certificate.SerialNumber.ToLowerInvariant()}
                Issuer:
                    CN=mail.example.com
                Subject:
                    CN=mail.example.com
                Cert Hash(sha1): {hash}
                  CERT_KEY_PROV_INFO_PROP_ID(2):
                    Key Container = le-1
                  Provider = Microsoft Software Key Storage Provider
                  ProviderType = 0
                  Flags = 20
                    CRYPT_MACHINE_KEYSET -- 20 (32)
                  KeySpec = 0 -- XCN_AT_NONE
                CertUtil: -store command completed successfully.
                """;
        }
    }

    /// <summary>What the services of the page are bound to.</summary>
    private sealed class Services(PostfixFixture postfix, DovecotFixture dovecot, NginxFixture nginx) : IDisposable
    {
        public static async Task<Services> StartAsync(Installation one)
        {
            using Certs certs = Certs.Create();
            CertificateFiles old = certs.WriteServerFiles(one[""], "old.example.com");
            PostfixFixture postfix = await PostfixFixture.StartAsync(new PostfixOptions
            {
                RelayDomains = "example.com",
                RelayRecipientMaps = "",
                MainLines = [$"smtpd_tls_cert_file = {old.Certificate}", $"smtpd_tls_key_file = {old.Key}", "smtpd_tls_security_level = may"],
            });
            DovecotFixture dovecot = await DovecotFixture.StartAsync(old);
            NginxFixture nginx = await NginxFixture.StartAsync(old);
            await nginx.WriteAsync(isIncluded: true);
            string settings = string.Create(CultureInfo.InvariantCulture, $$"""
                {
                  "postfix": { "folder": "{{postfix.ConfigFolder}}", "probes": [{ "address": "127.0.0.1:{{postfix.Port}}" }] },
                  "dovecot": { "configuration": "{{dovecot.Configuration}}", "include": "{{dovecot.IncludeFolder}}/99-postern.conf",
                    "imapProbes": [{ "address": "127.0.0.1:{{dovecot.ImapPort}}" }, { "address": "127.0.0.1:{{dovecot.ImapsPort}}", "implicit": true }],
                    "popProbes": [{ "address": "127.0.0.1:{{dovecot.PopPort}}" }] },
                  "nginx": { "configuration": "{{nginx.Configuration}}", "snippets": "{{nginx.Snippets}}", "sites": ["{{NginxFixture.Site}}"], "probes": [{ "address": "127.0.0.1:{{nginx.Port}}", "implicit": true }] },
                  "https": { "enabled": false }
                }
                """);
            await File.WriteAllTextAsync(Path.Combine(one.HubFolder, "services.json"), settings);
            File.SetUnixFileMode(Path.Combine(one.HubFolder, "services.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new Services(postfix, dovecot, nginx);
        }

        public void Dispose()
        {
            postfix.DisposeAsync().AsTask().GetAwaiter().GetResult();
            dovecot.DisposeAsync().AsTask().GetAwaiter().GetResult();
            nginx.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
