using System.Globalization;
using System.Text;

namespace Postern.Architecture.Tests;

/// <summary>docs/rfc.md says what is implemented; this keeps it true to the markers in code and tests.</summary>
public sealed class RfcTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    private const string WriteVariable = "POSTERN_WRITE_DOCS";

    private static readonly string[] Known = ["complete", "partial", "refused"];

    /// <summary>Titles as the RFC Editor has them, shortened by "Lightweight Directory Access Protocol (LDAP)".</summary>
    private static readonly Dictionary<int, string> Titles = new()
    {
        [5280] = "X.509 certificates and revocation lists",
        [6125] = "Names of servers in certificates",
        [6750] = "Bearer tokens",
        [7515] = "JSON Web Signature",
        [7518] = "JSON Web Algorithms",
        [7519] = "JSON Web Token",
        [2307] = "Network information service",
        [1035] = "Domain names",
        [2696] = "Simple paged results",
        [2782] = "SRV records",
        [2798] = "inetOrgPerson",
        [2849] = "LDIF",
        [2891] = "Server-side sorting",
        [2595] = "TLS with IMAP, POP3 and ACAP",
        [2986] = "PKCS #10: certification requests",
        [3045] = "Vendor information in the root DSE",
        [3062] = "Password modify",
        [3112] = "Authentication password",
        [3207] = "SMTP over TLS (STARTTLS)",
        [3296] = "Named subordinate references, ManageDsaIT",
        [3673] = "All operational attributes",
        [3876] = "Matched values",
        [3909] = "Cancel",
        [4370] = "Proxied authorization",
        [4373] = "Bulk update (LBURP)",
        [4422] = "SASL",
        [4511] = "The protocol",
        [4512] = "Directory information models",
        [4513] = "Authentication and security mechanisms",
        [4514] = "String form of distinguished names",
        [4515] = "String form of search filters",
        [4516] = "Uniform resource locator",
        [4517] = "Syntaxes and matching rules",
        [4518] = "Internationalized string preparation",
        [4519] = "Schema for user applications",
        [4522] = "Binary encoding option",
        [4523] = "Schema for X.509 certificates",
        [4524] = "COSINE schema",
        [4525] = "Modify-increment",
        [4526] = "Absolute true and false filters",
        [4527] = "Read entry controls",
        [4528] = "Assertion control",
        [4529] = "Requesting attributes by object class",
        [4530] = "entryUUID",
        [4532] = "Who am I?",
        [4533] = "Content synchronization",
        [5020] = "entryDN",
        [5652] = "Cryptographic message syntax",
        [3211] = "Password-based encryption for CMS",
        [3394] = "AES key wrap",
        [3560] = "RSAES-OAEP in CMS",
        [4055] = "RSA algorithms and identifiers in PKIX",
        [5083] = "CMS authenticated-enveloped-data",
        [5084] = "AES-CCM and AES-GCM in CMS",
        [5753] = "Elliptic curve cryptography in CMS",
        [8018] = "PKCS #5",
        [1421] = "Privacy enhancement: headers of encrypted keys",
        [2315] = "PKCS #7",
        [5208] = "PKCS #8",
        [5915] = "Elliptic curve private key structure",
        [7292] = "PKCS #12",
        [7468] = "Textual encodings of PKIX, PKCS and CMS structures",
        [8017] = "PKCS #1",
        [9579] = "PBMAC1 in PKCS #12",
        [5805] = "Transactions",
        [6171] = "Don't use copy",
        [9325] = "Recommendations for secure use of TLS",
    };

    [Fact]
    public void Every_rfc_with_a_status_is_tested_and_every_tested_one_has_a_status()
    {
        List<string> faults = [];
        foreach (IGrouping<int, RfcStatus> same in RfcMarkers.Statuses.GroupBy(s => s.Number))
        {
            RfcStatus status = same.First();
            if (same.Count() > 1)
            {
                faults.Add($"RFC {status.Number} has a status in {string.Join(" and in ", same.Select(s => s.File))}");
            }

            if (!Known.Contains(status.Status))
            {
                faults.Add($"RFC {status.Number} in {status.File}: status {status.Status} is none of {string.Join(", ", Known)}");
            }

            if (!Titles.ContainsKey(status.Number))
            {
                faults.Add($"RFC {status.Number} in {status.File}: its title is missing in {nameof(Titles)}");
            }

            if (!RfcMarkers.Tests.Contains(status.Number))
            {
                faults.Add($"RFC {status.Number} in {status.File}: no test has [Trait(\"RFC\", \"{status.Number}\")]");
            }
        }

        faults.AddRange(RfcMarkers.Tests.Where(t => RfcMarkers.Statuses.All(s => s.Number != t.Key))
            .Select(t => $"{t.First()} tests RFC {t.Key}, which has no line \"// RFC {t.Key} (complete): ...\" in src"));
        Assert.Empty(faults);
    }

    [Fact]
    public void The_page_of_rfcs_is_up_to_date()
    {
        string path = Path.Combine(House.Root, "docs", "rfc.md");
        string page = Render();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(path, page);
        }

        string before = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(before == page, $"docs/rfc.md is out of date; write it anew with {WriteVariable}=1 ./test --filter RfcTests");
    }

    private static string Render()
    {
        StringBuilder text = new(
            """
            # RFCs

            What the LDAP words, client, server and directory implement. Made from the lines `// RFC n (status): ...` in `src/` and the traits `RFC` of
            the tests by `POSTERN_WRITE_DOCS=1 ./test --filter RfcTests`; a test fails when it is out of date, or when something has no test.

            | RFC | about | status | what there is to know | where | tests |
            |---|---|---|---|---|---|

            """);
        foreach (RfcStatus status in RfcMarkers.Statuses)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| [{status.Number}](https://www.rfc-editor.org/rfc/rfc{status.Number}) | {Titles.GetValueOrDefault(status.Number)} | {status.Status} | {status.Note.Replace("|", "\\|", StringComparison.Ordinal)} | [{Path.GetFileName(status.File)}](../{status.File}) | {string.Join(", ", RfcMarkers.Tests[status.Number].Distinct())} |\n");
        }

        return text.ToString();
    }
}
