using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Ldap;

/// <summary>Accounts for people and their tools: by password, by certificate, and by being root on this machine.</summary>
[Trait("RFC", "4422")]
[Trait("RFC", "4513")]
public sealed class ExternalTests
{
    [SkippableFact]
    public async Task Root_sees_everything_but_secrets_over_the_unix_socket()
    {
        Peers.Require("ldap-utils");
        Skip.IfNot(OperatingSystem.IsLinux());
        using TempFolder folder = new(shared: true);
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        await PosternProgram.MustAsync("directory", "account", "new", "studio", "--role", "lookup", "--data", edge.DataFolder);
        string url = "ldapi://" + Uri.EscapeDataString(edge.Ready.GetProperty("data").GetString() + "/private/ldapi");

        CommandResult who = await RunAsync("ldapwhoami", Identity(null), "-Y", "EXTERNAL", "-Q", "-H", url);
        CommandResult all = await RunAsync("ldapsearch", Identity(null), "-Y", "EXTERNAL", "-Q", "-H", url, "-LLL", "-b", "o=edge", "*", "userPassword");
        CommandResult before = await RunAsync("ldapsearch", Identity(null), "-x", "-H", url, "-LLL", "-b", "o=edge");
        CommandResult other = await RunAsync("ldapwhoami", Identity(null), "-Y", "EXTERNAL", "-Q", "-X", "dn:cn=somebody", "-H", url);

        Assert.Contains("uidNumber=", who.MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("dn: cn=studio,ou=accounts,o=edge", all.MustSucceed().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("userPassword", all.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("dn: ", before.Output, StringComparison.Ordinal);
        Assert.Equal(49, other.ExitCode);
    }

    [SkippableFact]
    public async Task Pinned_certificate_logs_its_account_on_and_another_does_not()
    {
        Peers.Require("ldap-utils");
        using TempFolder folder = new(shared: true);
        using Certs authority = Certs.Create();
        CertificateFiles pinned = authority.WriteServerFiles(folder.CreateFolder("pinned"));
        CertificateFiles stranger = authority.WriteServerFiles(folder.CreateFolder("stranger"));
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"], fqdn: "127.0.0.1");
        JsonElement made = await PosternProgram.JsonAsync(
            0, "directory", "account", "new", "tool", "--role", "operator", "--certificate", pinned.Certificate, "--data", edge.DataFolder);
        string url = $"ldaps://127.0.0.1:{edge.LdapsPort}";

        CommandResult who = await RunAsync("ldapwhoami", Identity(pinned), "-Y", "EXTERNAL", "-Q", "-H", url);
        CommandResult unknown = await RunAsync("ldapwhoami", Identity(stranger), "-Y", "EXTERNAL", "-Q", "-H", url);
        CommandResult byPassword = await RunAsync(
            "ldapwhoami", Identity(null), "-x", "-D", made.GetProperty("dn").GetString()!, "-w", made.GetProperty("password").GetString()!, "-H", url);
        JsonElement list = await PosternProgram.JsonAsync(0, "directory", "account", "list", "--data", edge.DataFolder);
        await PosternProgram.MustAsync("directory", "account", "remove", "tool", "--data", edge.DataFolder);
        CommandResult removed = await RunAsync("ldapwhoami", Identity(pinned), "-Y", "EXTERNAL", "-Q", "-H", url);

        Assert.Contains("dn:cn=tool,ou=accounts,o=edge", who.MustSucceed().Output, StringComparison.Ordinal);
        Assert.Equal(49, unknown.ExitCode);
        byPassword.MustSucceed();
        Assert.Equal("tool", Assert.Single(list.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(49, removed.ExitCode);
        Assert.DoesNotContain(made.GetProperty("password").GetString()!, edge.Output, StringComparison.Ordinal);
        Assert.False(list.EnumerateArray().Single().TryGetProperty("password", out _));
    }

    [Fact]
    public async Task Verbs_say_what_is_wrong()
    {
        using TempFolder folder = new(shared: true);
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        string data = edge.DataFolder;
        await PosternProgram.MustAsync("directory", "account", "new", "one", "--role", "lookup", "--data", data);
        Assert.Equal("alreadyExists", await CodeAsync(1, "directory", "account", "new", "one", "--role", "lookup", "--data", data));
        Assert.Equal("invalidValue", await CodeAsync(2, "directory", "account", "new", "a b", "--role", "lookup", "--data", data));
        Assert.Equal("wrongUsage", await CodeAsync(2, "directory", "account", "new", "two", "--role", "replication", "--data", data));
        Assert.Equal("noSuchAccount", await CodeAsync(1, "directory", "account", "remove", "two", "--data", data));
        Assert.Equal("certificate", await CodeAsync(1, "directory", "account", "new", "two", "--role", "lookup", "--certificate", folder["none"], "--data", data));
    }

    private static async Task<string?> CodeAsync(int exitCode, params string[] arguments) =>
        (await PosternProgram.JsonAsync(exitCode, arguments)).GetProperty("error").GetProperty("code").GetString();

    private static Dictionary<string, string?> Identity(CertificateFiles? files) => new()
    {
        ["LDAPTLS_REQCERT"] = "never", // the edge's certificate is not what is tested here
        ["LDAPTLS_CERT"] = files?.Certificate,
        ["LDAPTLS_KEY"] = files?.Key,
    };

    private static Task<CommandResult> RunAsync(string tool, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        ChildProcess.RunAsync(Peers.Find(tool)!, arguments, environment: environment);
}
