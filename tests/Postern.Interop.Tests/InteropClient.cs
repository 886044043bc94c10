using System.Globalization;
using Postern.Interop.Tests.Hosting;
using Postern.Testing;

namespace Postern.Interop.Tests;

/// <summary>One client program and its script below Clients. The script prints one line per step: <c>STEP ok</c> or <c>STEP failed: why</c>.</summary>
/// <param name="Peers">What must be installed.</param>
/// <param name="Program">The interpreter.</param>
/// <param name="ExtraSteps">Beyond <see cref="Steps"/>, which every client does.</param>
internal sealed record InteropClient(string[] Peers, string Program, string Script, string[] ExtraSteps)
{
    public static readonly string[] Steps =
    [
        "bind", "bind-refused", "root-dse", "schema", "paged-search", "add", "add-again", "modify", "compare-true", "compare-false", "rename",
        "rename-to-new-parent", "read-renamed", "delete", "delete-missing", "whoami", "starttls", "ldaps", "starttls-wrong-ca", "ldaps-wrong-ca",
    ];

    private static readonly string[] OpenLdapSteps =
    [
        "sorted-search", "modify-asserted-wrong", "passwd", "passwd-used", "passwd-made", "matched-values", "sync-refresh", "transaction-commit",
        "transaction-committed", "transaction-abort", "transaction-aborted", "delete-nonleaf", "tree-delete", "unknown-critical-control", "proxied-refused",
    ];

    // Debian's own Python, whatever else is first in PATH: the modules are installed for that one.
    private const string DebianPython = "/usr/bin/python3";

    public static IReadOnlyDictionary<string, InteropClient> All { get; } = new Dictionary<string, InteropClient>
    {
        ["OpenLDAP tools"] = new(["ldap-utils"], "bash", "openldap.sh", OpenLdapSteps),
        ["ldap3"] = new(["python3-ldap3"], DebianPython, "ldap3_client.py", []),
        ["python-ldap"] = new(["python3-ldap"], DebianPython, "python_ldap_client.py", ["modify-asserted-wrong", "sync-refresh", "sync-persist"]),
        ["Net::LDAP"] = new(["libnet-ldap-perl", "libio-socket-ssl-perl"], "/usr/bin/perl", "net_ldap.pl", []),
        ["ldapts"] = new(["node"], "node", "ldapts/client.js", []),
    };

    /// <summary>The scripts in the source tree: ldapts is installed beside its own.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>Runs the script against a host.</summary>
    public Task<CommandResult> RunAsync(DirectoryHost host)
    {
        var environment = new Dictionary<string, string?>
        {
            ["LDAP_URL"] = host.LdapUrl,
            ["LDAPS_URL"] = host.LdapsUrl,
            ["CA"] = host.AuthorityFile,
            ["OTHER_CA"] = host.OtherAuthorityFile,
            ["BASE"] = SampleTree.Base,
            ["BIND_DN"] = DirectoryHost.AdminDn,
            ["BIND_PW"] = DirectoryHost.AdminPassword,
            ["USER_DN"] = SampleTree.UserDn,
            ["SUBSCHEMA"] = "cn=subschema",
            ["PEOPLE"] = SampleTree.People.ToString(CultureInfo.InvariantCulture),

            // Only what is said here counts, not the machine's or the user's ldaprc.
            ["LDAPCONF"] = "/dev/null",
            ["LDAPRC"] = null,
            ["LC_ALL"] = "C.UTF-8",
        };
        string program = Path.IsPathRooted(Program) ? Program : Testing.Peers.Find(Program) ?? Program;
        return ChildProcess.RunAsync(program, [Path.Combine(Folder, Script)], environment: environment);
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
            {
                return Path.Combine(folder.FullName, "tests", "Postern.Interop.Tests", "Clients");
            }
        }

        throw new InvalidOperationException("Postern.slnx was not found above the tests");
    }
}
