using System.Text;
using Postern.EdgeSync.Settings;

namespace Postern.EdgeSync.Tests.Settings;

/// <summary>Where the domain controllers of a source are.</summary>
public sealed class DomainSettingsTests
{
    [Theory]
    [InlineData("\"type\": \"activeDirectory\", \"domain\": \"lab.example\", \"failoverDelay\": \"00:05:00\"")]
    [InlineData("\"type\": \"activeDirectory\", \"urls\": [\"ldaps://dc1\", \"ldaps://dc2\"]")]
    public void Domain_or_list_of_controllers_will_do(string keys)
    {
        SourceSettings source = Assert.Single(Read(keys).Sources);

        Assert.Equal(source.Domain is null ? 2 : 0, source.Urls.Count);
        Assert.Equal(source.Domain is null ? TimeSpan.Zero : TimeSpan.FromMinutes(5), source.FailoverDelay);
    }

    [Theory]
    [InlineData("\"type\": \"activeDirectory\"", "urls")]
    [InlineData("\"type\": \"activeDirectory\", \"domain\": \"lab.example\", \"urls\": [\"ldaps://dc1\"]", "domain")]
    [InlineData("\"type\": \"ldap\", \"urls\": [\"ldap://a\"], \"domain\": \"lab.example\"", "domain")]
    [InlineData("\"type\": \"openldap\", \"urls\": [\"ldap://a\"], \"failoverDelay\": \"00:01:00\"", "failoverDelay")]
    [InlineData("\"type\": \"activeDirectory\", \"domain\": \"lab.example\", \"failoverDelay\": \"2.00:00:00\"", "failoverDelay")]
    [InlineData("\"type\": \"ldap\", \"urls\": [\"ldap://a\"], \"bindDn\": \"hub@lab.example\"", "bindDn")]
    public void Anything_else_is_a_fault_of_its_key(string keys, string key)
    {
        HubSettingsException failure = Assert.Throws<HubSettingsException>(() => Read(keys));

        Assert.Contains(failure.Faults, fault => fault.Key == $"sources[0].{key}");
    }

    [Theory]
    [InlineData("hub@lab.example")]
    [InlineData("LAB\\\\hub")]
    [InlineData("CN=hub,DC=lab,DC=example")]
    public void Accounts_of_a_domain_have_three_forms_of_names(string name)
    {
        HubSettingsException failure = Assert.Throws<HubSettingsException>(
            () => Read($"\"type\": \"activeDirectory\", \"domain\": \"lab.example\", \"bindDn\": \"{name}\""));

        Assert.Equal("sources[0].passwordFile", Assert.Single(failure.Faults).Key);
    }

    private static HubSettings Read(string keys) => HubSettingsReader.Parse(
        Encoding.UTF8.GetBytes($$"""{ "site": "x", "sources": [ { "name": "ad", "baseDn": "DC=lab,DC=example", {{keys}} } ] }"""), "hub.json", "/");
}
