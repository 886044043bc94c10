using System.Reflection;
using Postern.Directory;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Server;

namespace Postern.EdgeSync.Tests.Accounts;

/// <summary>What the root DSE of an edge says, RFC 4512 section 5.1.</summary>
public class AdvertisementTests
{
    [Fact]
    [Trait("RFC", "4512")]
    public async Task Root_dse_names_what_server_and_directory_do_and_nothing_else()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        IControlledDirectory directory = edge.Engine.As(new Principal("test", DirectoryRole.Operator));
        LdapOperation[] requests =
        [
            SearchRequest.ReadEntry(""), new CompareRequest("o=edge", "o", "edge"u8.ToArray()), new AddRequest("cn=x,o=edge"),
            new ModifyRequest("cn=x,o=edge"), new DelRequest("cn=x,o=edge"), new ModifyDnRequest("cn=x,o=edge", "cn=y", true),
        ];
        IEnumerable<string> oids = typeof(LdapOids).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);
        IEnumerable<string> honoured = oids.Where(oid => LdapServer.Controls.Contains(oid) || requests.Any(request => directory.Honours(request, oid)));
        LdapEntry? root = null;
        await foreach (LdapEntry entry in directory.SearchAsync(SearchRequest.ReadEntry("", "+")))
        {
            root = entry;
        }

        Assert.Equal(honoured.Order(StringComparer.Ordinal), Of(root, "supportedControl"));
        Assert.Equal(LdapServer.Extensions.Order(StringComparer.Ordinal), Of(root, "supportedExtension"));
        Assert.Equal(["EXTERNAL"], Of(root, "supportedSASLMechanisms"));
        Assert.Contains(LdapOids.LburpIncrementalStyle, Of(root, "supportedFeatures"));
    }

    private static IEnumerable<string> Of(LdapEntry? entry, string attribute) => entry!.Find(attribute)!.Strings.Order(StringComparer.Ordinal);
}
