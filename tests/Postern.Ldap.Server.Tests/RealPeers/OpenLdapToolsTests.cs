using Postern.Testing;

namespace Postern.Ldap.Server.Tests.RealPeers;

/// <summary>OpenLDAP's own tools against the server.</summary>
public class OpenLdapToolsTests
{
    private const string NewEntry = """
        dn: cn=new,o=test
        objectClass: person
        cn: new
        sn: New

        """;

    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Search_whoami_and_add_work(bool ldaps, bool startTls)
    {
        Testing.Peers.Require("ldap-utils");
        using TempFolder folder = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(300));
        Dictionary<string, string?> environment = new()
        {
            ["LDAPTLS_CACERT"] = folder.Write("ca.pem", server.Authority.AuthorityPem),
            ["LDAPNOINIT"] = null,
        };
        string[] connection =
        [
            "-H", ldaps ? $"ldaps://127.0.0.1:{server.Ldaps.Port}" : $"ldap://127.0.0.1:{server.Ldap.Port}",
            "-x", "-D", FakeAuthenticator.Admin, "-w", "secret", .. startTls ? ["-ZZ"] : Array.Empty<string>(),
        ];

        CommandResult who = (await ChildProcess.RunAsync("ldapwhoami", connection, environment: environment)).MustSucceed();
        Assert.Equal($"dn:{FakeAuthenticator.Admin}", who.Output.Trim());

        CommandResult added = (await ChildProcess.RunAsync("ldapadd", connection, NewEntry, environment: environment)).MustSucceed();
        Assert.Contains("adding new entry \"cn=new,o=test\"", added.Output, StringComparison.Ordinal);
        Assert.Contains("cn=new,o=test", server.Directory.Names);

        CommandResult found = (await ChildProcess.RunAsync("ldapsearch", [.. connection, "-LLL", "-b", "o=test", "(objectClass=*)", "cn"], environment: environment)).MustSucceed();
        Assert.Equal(301, found.Output.Split('\n').Count(l => l.StartsWith("dn:", StringComparison.Ordinal)));

        CommandResult wrong = await ChildProcess.RunAsync(
            "ldapwhoami", [.. connection.Select(a => a == "secret" ? "guess" : a)], environment: environment);
        Assert.Equal((int)LdapResultCode.InvalidCredentials, wrong.ExitCode);
    }
}
