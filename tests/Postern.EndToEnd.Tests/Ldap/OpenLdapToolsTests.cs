using System.Text.Json;
using System.Xml.Linq;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Ldap;

/// <summary>OpenLDAP's own tools against an edge directory over LDAPS. They check names, so the edge is called by its address here.</summary>
public sealed class OpenLdapToolsTests
{
    [SkippableFact]
    public async Task Strangers_see_nothing_and_the_bootstrap_account_can_log_on()
    {
        Peers.Require("ldap-utils");
        await using Installation one = await Installation.StartAsync(20, edgeFqdn: "127.0.0.1");
        await one.NewSubscriptionAsync();
        (string user, string password, string certificate) = ReadFile(one);
        string url = $"ldaps://127.0.0.1:{one.Edge.LdapsPort}";
        OpenLdapTools stranger = new(url, null, "", certificate);
        OpenLdapTools wrong = new(url, $"cn={user},ou=accounts,o=edge", "not the password", certificate);
        OpenLdapTools bootstrap = new(url, $"cn={user},ou=accounts,o=edge", password, certificate);

        CommandResult root = await stranger.SearchAsync("-s", "base", "-b", "", "+", "*");
        CommandResult hidden = await stranger.SearchAsync("-b", "o=edge");
        CommandResult refused = await wrong.WhoAmIAsync();
        CommandResult who = await bootstrap.WhoAmIAsync();
        CommandResult outside = await bootstrap.AddAsync("dn: cn=intruder,ou=recipients,o=edge\nobjectClass: posternRecipient\ncn: intruder\n");

        Assert.True(root.ExitCode == 0 && root.Output.Contains("namingContexts: o=edge", StringComparison.Ordinal), root.ToString());
        Assert.DoesNotContain("dn: ", hidden.Output, StringComparison.Ordinal);
        Assert.Equal(49, refused.ExitCode);
        Assert.True(who.Output.StartsWith($"dn:cn={user}", StringComparison.OrdinalIgnoreCase), who.ToString());
        Assert.Equal(50, outside.ExitCode);
    }

    [SkippableFact]
    public async Task An_operator_account_searches_adds_and_modifies()
    {
        Peers.Require("ldap-utils");
        await using Installation one = await Installation.StartAsync(20, edgeFqdn: "127.0.0.1");
        await one.NewSubscriptionAsync();
        (_, _, string certificate) = ReadFile(one);
        await PosternProgram.JsonAsync(0, one.ImportArguments());
        JsonElement account = await PosternProgram.JsonAsync(0, ["directory", "account", "new", "studio", "--role", "operator", "--data", one.EdgeFolder]);
        string password = account.GetProperty("password").GetString()!;
        OpenLdapTools tools = new($"ldaps://127.0.0.1:{one.Edge.LdapsPort}", "cn=studio,ou=accounts,o=edge", password, certificate);
        const string dn = "cn=00000000000000000000000000000001,ou=recipients,o=edge";

        CommandResult found = await tools.SearchAsync("-b", "ou=recipients,o=edge", "-s", "one", "(objectClass=posternRecipient)", "cn");
        (await tools.AddAsync($"dn: {dn}\nobjectClass: posternRecipient\ncn: 00000000000000000000000000000001\nposternSource: by hand\n")).MustSucceed();
        (await tools.ModifyAsync($"dn: {dn}\nchangetype: modify\nreplace: posternSource\nposternSource: by another hand\n")).MustSucceed();
        CommandResult changed = await tools.SearchAsync("-b", dn, "-s", "base", "posternSource", "modifyTimestamp");
        CommandResult passwords = await tools.SearchAsync("-b", "ou=accounts,o=edge", "userPassword");

        Assert.Equal(20, found.Output.Split("dn: ").Length - 1);
        Assert.Contains("posternSource: by another hand", changed.Output, StringComparison.Ordinal);
        Assert.Contains("modifyTimestamp: ", changed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("userPassword", passwords.Output, StringComparison.Ordinal);
    }

    /// <summary>Account, password, and a PEM file with the certificate, from the subscription file.</summary>
    private static (string User, string Password, string Certificate) ReadFile(Installation one)
    {
        XElement[] elements = [.. XDocument.Load(one.SubscriptionFile).Descendants()];
        string Value(string name) => elements.Single(element => element.Name.LocalName == name).Value.Trim();
        byte[] der = Convert.FromBase64String(Value("EdgeCertificateBlob"));
        string pem = one["edge-cert.pem"];
        File.WriteAllText(pem, System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", der) + "\n");
        return (Value("ESRAUsername"), Value("ESRAPassword"), pem);
    }
}
