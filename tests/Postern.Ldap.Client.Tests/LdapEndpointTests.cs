namespace Postern.Ldap.Client.Tests;

public sealed class LdapEndpointTests
{
    [Theory]
    [InlineData("ldap://directory.example.com", "directory.example.com", 389, false)]
    [InlineData("ldaps://directory.example.com/", "directory.example.com", 636, true)]
    [InlineData("LDAPS://10.1.2.3:50636", "10.1.2.3", 50636, true)]
    [InlineData("ldap://[2001:db8::1]:3890", "2001:db8::1", 3890, false)]
    public void Url_gives_host_and_port(string url, string host, int port, bool ldaps)
    {
        LdapEndpoint endpoint = LdapEndpoint.Parse(url);

        Assert.Equal(new LdapEndpoint(host, port, ldaps), endpoint);
        Assert.Equal(endpoint, LdapEndpoint.Parse(endpoint.ToString()));
    }

    [Theory]
    [InlineData("directory.example.com")]
    [InlineData("http://directory.example.com")]
    [InlineData("ldap://")]
    [InlineData("ldap://host:99999")]
    [InlineData("ldap://host/dc=example")]
    [InlineData("ldap://host?cn")]
    [InlineData("ldap://user:secret@host")]
    [InlineData("")]
    public void What_is_no_such_url_is_refused_with_its_text(string url)
    {
        FormatException error = Assert.Throws<FormatException>(() => LdapEndpoint.Parse(url));

        Assert.Contains($"'{url}'", error.Message, StringComparison.Ordinal);
    }
}
