namespace Postern.Testing.Tests;

public sealed class SlapdFixtureTests
{
    [SkippableFact]
    public async Task Slapd_serves_the_generated_recipients_over_ldap_and_ldaps()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = 200 });
        foreach (string url in (string[])[slapd.LdapUrl, slapd.LdapsUrl])
        {
            OpenLdapTools tools = slapd.Tools with { Url = url, BindDn = slapd.ReaderDn, Password = slapd.ReaderPassword };
            CommandResult found = await tools.SearchAsync("-b", slapd.BaseDn, "(proxyAddresses=*)", "proxyAddresses");
            Assert.Equal(200, found.MustSucceed().Output.Split('\n').Count(line => line.StartsWith("dn:", StringComparison.Ordinal)));
        }
    }

    [SkippableFact]
    public async Task Slapd_keeps_its_data_over_kill_and_restart()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync();
        CommandResult modified = await slapd.Tools.ModifyAsync($"dn: ou=Sales,ou=People,{slapd.BaseDn}\nchangetype: modify\nreplace: description\ndescription: kept\n");
        modified.MustSucceed();
        await slapd.KillAsync();
        await slapd.StartAgainAsync();
        CommandResult found = await slapd.Tools.SearchAsync("-b", slapd.BaseDn, "(description=kept)", "ou");
        Assert.Contains("ou: Sales", found.MustSucceed().Output, StringComparison.Ordinal);
        await slapd.RestartAsync();
        CommandResult who = await (slapd.Tools with { Password = "wrong" }).WhoAmIAsync();
        Assert.Equal(49, who.ExitCode);
    }
}
