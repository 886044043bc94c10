using System.Reflection;

namespace Postern.Ldap.Server.Tests.Operations;

/// <summary>What the server says it offers is what it answers, RFC 4512 section 5.1.</summary>
[Trait("RFC", "4512")]
public class AdvertisementTests
{
    private static IEnumerable<string> KnownOids =>
        typeof(LdapOids).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

    [Fact]
    public async Task Extended_operations_that_are_offered_are_those_of_the_list()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        List<string> offered = [];
        foreach (string oid in KnownOids.Append("1.2.3"))
        {
            using TestClient client = await server.ConnectBoundAsync();
            LdapResult result = await client.ResultAsync(new ExtendedRequest(oid));
            if (!result.DiagnosticMessage.Contains("not offered", StringComparison.Ordinal))
            {
                offered.Add(oid);
            }
        }

        Assert.Equal(LdapServer.Extensions.Order(StringComparer.Ordinal), offered.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Controls_of_the_server_itself_are_those_of_the_list()
    {
        FakeDirectory directory = new();
        directory.Honoured.Clear();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        List<string> honoured = [];
        LdapOperation[] requests = [SearchRequest.ReadEntry(""), new AddRequest("cn=x,o=test"), new ExtendedRequest(LdapOids.WhoAmI)];
        foreach (string oid in KnownOids)
        {
            using TestClient client = await server.ConnectBoundAsync();
            foreach (LdapOperation request in requests)
            {
                LdapResult result = await client.ResultAsync(request, new LdapControl(oid, true, null));
                if (result.Code != LdapResultCode.UnavailableCriticalExtension && !honoured.Contains(oid))
                {
                    honoured.Add(oid);
                }
            }
        }

        Assert.Equal(LdapServer.Controls.Order(StringComparer.Ordinal), honoured.Order(StringComparer.Ordinal));
    }
}
