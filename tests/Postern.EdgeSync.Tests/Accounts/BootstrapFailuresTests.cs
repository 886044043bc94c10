using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Accounts;

/// <summary>A bootstrap account that somebody guesses at closes.</summary>
public sealed class BootstrapFailuresTests
{
    private readonly ManualTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Account_closes_after_five_wrong_passwords_and_says_so_to_who_has_the_file()
    {
        await using TestEdge edge = await TestEdge.StartAsync(_time);
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await GuessAsync(edge, file, AccountVerifier.MaxFailures);
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("closed after 5 wrong passwords", e.Message, StringComparison.Ordinal);
        Assert.Contains("subscription new --force", e.Hint, StringComparison.Ordinal);

        // A new file opens the way again.
        _time.Advance(TimeSpan.FromMinutes(1));
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Site", edge.Address);
    }

    [Fact]
    public async Task One_wrong_password_fewer_leaves_it_open()
    {
        await using TestEdge edge = await TestEdge.StartAsync(_time);
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await GuessAsync(edge, file, AccountVerifier.MaxFailures - 1);
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
    }

    [Fact]
    public async Task Count_outlives_the_edge_process()
    {
        await using TestEdge edge = await TestEdge.StartAsync(_time);
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await GuessAsync(edge, file, AccountVerifier.MaxFailures - 1);
        await edge.StopAsync();
        await edge.StartAgainAsync();
        await GuessAsync(edge, file, 1);
        await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
    }

    private async Task GuessAsync(TestEdge edge, SubscriptionFile file, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await using LdapConnection session = await LdapConnection.ConnectAsync(new LdapClientOptions
            {
                Endpoint = LdapEndpoint.Parse($"ldaps://{edge.Address}"),
                TlsName = TestEdge.Fqdn,
                Trust = new LdapTrust.Pin(CertificatePin.Of(file.EdgeCertificateBlob.Span).Sha256),
            });
            LdapException e = await Assert.ThrowsAsync<LdapException>(() => session.BindAsync(AccountEntry.Dn(file.EsraUsername), $"guess {i}"));
            Assert.Equal((LdapResultCode.InvalidCredentials, true), (e.Code, e.Message.Contains("unknown account or wrong password", StringComparison.Ordinal)));
        }

        _time.Advance(TimeSpan.FromMinutes(1)); // the address has to wait, whatever the account
    }
}
