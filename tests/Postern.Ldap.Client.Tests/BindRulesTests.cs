using System.Net;

namespace Postern.Ldap.Client.Tests;

public sealed class BindRulesTests
{
    private static readonly LdapClientOptions Options = new() { Endpoint = LdapEndpoint.Parse("ldap://directory.example.com") };
    private static readonly IPAddress Elsewhere = IPAddress.Parse("192.0.2.1");

    [Fact]
    public void Password_does_not_cross_the_network_in_clear()
    {
        LdapException refusal = Assert.Throws<LdapException>(() => BindRules.Check("cn=a", "secret", isTls: false, Elsewhere, Options));

        Assert.Equal(LdapResultCode.ConfidentialityRequired, refusal.Code);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<LdapException>(() => BindRules.Check("cn=a", "secret", isTls: false, peer: null, Options));
    }

    [Fact]
    public void Password_may_go_by_TLS_on_loopback_or_where_allowed()
    {
        BindRules.Check("cn=a", "secret", isTls: true, Elsewhere, Options);
        BindRules.Check("cn=a", "secret", isTls: false, IPAddress.Loopback, Options);
        BindRules.Check("cn=a", "secret", isTls: false, IPAddress.IPv6Loopback, Options);
        BindRules.Check("cn=a", "secret", isTls: false, Elsewhere, Options with { AllowPlaintextBind = true });
        BindRules.Check("", "", isTls: false, Elsewhere, Options);
    }

    [Fact]
    public void Name_without_a_password_is_refused_though_servers_call_it_success()
    {
        LdapException refusal = Assert.Throws<LdapException>(() => BindRules.Check("cn=a", "", isTls: true, Elsewhere, Options));

        Assert.Equal(LdapResultCode.InappropriateAuthentication, refusal.Code);
    }
}
