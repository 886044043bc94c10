using System.Reflection;
using Postern.Control;
using Postern.EdgeSync.Auth;
using Postern.Https;

namespace Postern.EndToEnd.Tests.Https;

public sealed class VerbRightsTests
{
    [Theory]
    [InlineData("/v1/status", TokenRole.Reader)]
    [InlineData("/v1/doctor", TokenRole.Reader)]
    [InlineData("/v1/domain/list", TokenRole.Reader)]
    [InlineData("/v1/connector/send/set", TokenRole.Operator)]
    [InlineData("/v1/sync/held/approve", TokenRole.Operator)]
    [InlineData("/v1/subscription/new", TokenRole.Admin)]
    [InlineData("/v1/directory/account/new", TokenRole.Admin)]
    [InlineData("/v1/server/set", TokenRole.Admin)]
    [InlineData("/v1/no/such/verb", TokenRole.Admin)]
    [InlineData("/list", TokenRole.Admin)]
    [InlineData("", TokenRole.Admin)]
    public void A_verb_needs_a_role_and_an_unknown_one_the_highest(string route, TokenRole role) => Assert.Equal(role, VerbRights.Needed(route));

    [Fact]
    public void What_concerns_trust_is_for_administrators_unless_it_only_looks()
    {
        IEnumerable<string> routes = typeof(ControlRoutes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(one => one.IsLiteral).Select(one => (string)one.GetRawConstantValue()!);

        string[] lower = [.. routes.Where(one => VerbRights.Needed(one) < TokenRole.Admin && (one.Contains("/subscription", StringComparison.Ordinal)
            || one.Contains("/certificate", StringComparison.Ordinal) || one.Contains("/account", StringComparison.Ordinal) || one.Contains("/hub", StringComparison.Ordinal))).Order(StringComparer.Ordinal)];

        Assert.Equal(
            ["/v1/certificate/reports", ControlRoutes.CertificateShow, ControlRoutes.AccountList, ControlRoutes.HubList, ControlRoutes.SubscriptionList, ControlRoutes.SubscriptionPreview, ControlRoutes.SubscriptionShow],
            lower);
    }
}
