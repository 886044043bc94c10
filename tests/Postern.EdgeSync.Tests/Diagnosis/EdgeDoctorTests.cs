using System.Net;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Diagnosis;

/// <summary>What the doctor says on the edge itself, fault by fault.</summary>
public sealed class EdgeDoctorTests
{
    [Fact]
    public async Task Edge_in_good_health_has_no_fault()
    {
        await using Ward ward = await Ward.OpenAsync();
        IReadOnlyList<Finding> findings = await ward.AskEdgeAsync(new EdgeListener("ldaps", IPEndPoint.Parse(ward.Edge.Address), Tls: true), Ldap(ward.Edge));
        Assert.All(findings, one => Assert.Equal((one.Check, FindingState.Good), (one.Check, one.State)));
        Assert.Equal(
            ["store", "disk", "certificate", "listener", "listener", "subscription", "account", "clock", "configuration", "recipients", "lease", "address key"],
            findings.Select(one => one.Check));
    }

    [Fact]
    public async Task Listener_that_does_not_answer()
    {
        await using Ward ward = await Ward.OpenAsync();
        EdgeListener ldap = Ldap(ward.Edge);
        await ward.Edge.StopListeningAsync();
        await ExpectAsync(ward, "listener", FindingCodes.ListenerSilent, ldap);
    }

    [Fact]
    public async Task Other_process_on_the_port()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using TestEdge other = await TestEdge.StartAsync();
        await ExpectAsync(ward, "listener", FindingCodes.ListenerOtherCertificate, new EdgeListener("ldaps", IPEndPoint.Parse(other.Address), Tls: true));
    }

    [Theory]
    [InlineData(12015, 0)]
    [InlineData(12017, -7)]
    public async Task Own_certificate_that_expires(int expected, int daysAfterItsEnd)
    {
        await using Ward ward = await Ward.OpenAsync();
        ward.Advance(ward.Edge.Service.Certificate!.NotAfter.ToUniversalTime() - ward.EdgeTime.GetUtcNow() + TimeSpan.FromDays(daysAfterItsEnd) + TimeSpan.FromMinutes(1));
        Finding certificate = Assert.Single(await ward.AskEdgeAsync(), one => one.Check == "certificate");
        Assert.Equal((FindingState.Warning, expected), (certificate.State, certificate.Code!.Number));
    }

    [Fact]
    public async Task Subscription_that_is_not_there_then_out_then_too_late()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync(time);
        edge.Service.EnsureCertificate(TestEdge.Fqdn);
        EdgeDoctor doctor = new(edge.Engine, edge.Service, edge.Credentials, edge.Paths, [], time);
        Assert.Equal(FindingCodes.NotSubscribed, Ward.OnlyFault(await doctor.RunAsync()).Code);
        await edge.ExportAsync();
        Assert.Equal(FindingCodes.FileOut, Ward.OnlyFault(await doctor.RunAsync()).Code);
        time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(FindingCodes.BootstrapExpired, Ward.OnlyFault(await doctor.RunAsync()).Code);
    }

    [Fact]
    public async Task Accounts_that_end()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ChangeAccountsAsync(new LdapAttribute(PosternAttributes.ExpirationTime, SyncStateEntry.PrintTime(ward.EdgeTime.GetUtcNow() + TimeSpan.FromDays(1))));
        Finding soon = await ExpectAsync(ward, "account", FindingCodes.AccountsExpire);
        Assert.Equal("HUB1", soon.About);
        await ward.ChangeAccountsAsync(new LdapAttribute(PosternAttributes.ExpirationTime, SyncStateEntry.PrintTime(ward.EdgeTime.GetUtcNow())));
        await ExpectAsync(ward, "account", FindingCodes.AccountExpired);
        await ward.ForgetAccountsAsync();
        await ExpectAsync(ward, "account", FindingCodes.NoAccount);
    }

    [Fact]
    public async Task Credential_that_the_edge_cannot_open()
    {
        await using Ward ward = await Ward.OpenAsync();
        string credential = (await ward.AccountsAsync())[0].Replace(EdgeLayout.Accounts, EdgeLayout.Credentials, StringComparison.Ordinal);
        await ward.ChangeEdgeAsync(credential, new LdapAttribute(PosternAttributes.EdgeSyncCredential, "damaged"));
        Finding fault = await ExpectAsync(ward, "credential", FindingCodes.CredentialNotInstalled);
        Assert.Equal("HUB1", fault.About);
    }

    [Fact]
    public async Task Data_that_are_old()
    {
        await using Ward ward = await Ward.OpenAsync();
        ward.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["configuration", "recipients"], (await ward.AskEdgeAsync()).Where(one => one.Code == FindingCodes.SynchronizationLate).Select(one => one.Check));
    }

    [Fact]
    public async Task Clock_of_a_hub_that_is_ahead()
    {
        await using Ward ward = await Ward.OpenAsync(synchronized: false);
        ward.HubTime.Advance(TimeSpan.FromHours(3));
        await ward.SynchronizeAsync();
        Finding fault = await ExpectAsync(ward, "clock", FindingCodes.ClockSkew);
        Assert.Contains("0.03:00:0", fault.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clock_of_the_edge_that_was_set_back()
    {
        await using Ward ward = await Ward.OpenAsync();
        ManualTimeProvider back = new(ward.EdgeTime.GetUtcNow() - TimeSpan.FromHours(2));
        Finding clock = Assert.Single(
            await new EdgeDoctor(ward.Edge.Engine, ward.Edge.Service, ward.Edge.Credentials, ward.Edge.Paths, [], back).RunAsync(), one => one.Check == "clock");
        Assert.Equal(FindingCodes.ClockSetBack, clock.Code);
    }

    [Fact]
    public async Task Address_key_that_is_lost()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.Edge.StopAsync();
        File.Delete(ward.Edge.Paths.AddressKeyFile);
        await ward.Edge.StartAgainAsync();
        await ExpectAsync(ward, "address key", FindingCodes.AddressKeyMissing);
    }

    private static EdgeListener Ldap(TestEdge edge) => new("ldap", new IPEndPoint(IPAddress.Loopback, edge.LdapPort), Tls: false);

    private static async Task<Finding> ExpectAsync(Ward ward, string check, FindingCode code, params EdgeListener[] listeners)
    {
        Finding fault = Ward.OnlyFault(await ward.AskEdgeAsync(listeners));
        Assert.Equal((check, code), (fault.Check, fault.Code));
        return fault;
    }
}
