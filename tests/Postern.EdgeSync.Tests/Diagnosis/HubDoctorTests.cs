using System.Text;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Diagnosis;

/// <summary>What Exchange answered with "Failed to connect to the Edge Transport server ADAM instance ... The supplied credential is invalid" and
/// CouldNotConnect (fact sheet 9.4): each of its causes made, and named by one code.</summary>
public sealed class HubDoctorTests
{
    /// <summary>An alert "protocol_version", RFC 8446 section 6.2: fatal (2), 70.</summary>
    private static readonly byte[] ProtocolVersionAlert = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 70];

    [Fact]
    public async Task Pair_in_good_health_has_no_fault_and_is_left_as_it_was()
    {
        await using Ward ward = await Ward.OpenAsync();
        long before = ward.Edge.Engine.Commits;
        IReadOnlyList<Finding> findings = await ward.AskHubAsync();
        Assert.All(findings, one => Assert.Equal((one.Check, FindingState.Good), (one.Check, one.State)));
        Assert.Equal(
            ["organization", "certificate", "published", "source", "dns", "tcp", "tls", "pin", "certificate", "clock", "credential", "logon", .. SessionExamination.Checks],
            findings.Select(one => one.Check));
        Assert.Equal(before, ward.Edge.Engine.Commits);
    }

    [Fact]
    public async Task Name_that_nobody_knows()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.DialAsync("edge1.invalid:50636"); // RFC 6761: no such name, ever
        await ExpectAsync(ward, "dns", FindingCodes.NameNotFound);
    }

    [Fact]
    public async Task Edge_that_is_stopped()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.Edge.StopListeningAsync();
        await ExpectAsync(ward, "tcp", FindingCodes.PortRefused);
        Assert.All((await ward.AskHubAsync()).Where(one => one.Check is "tls" or "pin" or "clock" or "credential" or "logon" or "write"), one => Assert.Equal(FindingState.Skipped, one.State));
    }

    [Fact]
    public async Task Firewall_that_drops_packets()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using Impostor silent = await Impostor.SilentAsync();
        await ward.DialAsync(silent.Address);
        await ExpectAsync(ward, "tcp", FindingCodes.PortSilent);
    }

    [Fact]
    public async Task Other_service_on_the_port()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using Impostor smtp = Impostor.Saying(Encoding.ASCII.GetBytes("220 mail.example.net ESMTP\r\n"));
        await ward.DialAsync(smtp.Address);
        await ExpectAsync(ward, "tls", FindingCodes.NotTls);
    }

    [Fact]
    public async Task Something_between_that_weakens_tls()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using Impostor old = Impostor.Saying(ProtocolVersionAlert);
        await ward.DialAsync(old.Address);
        await ExpectAsync(ward, "tls", FindingCodes.TlsRefused);
    }

    [Fact]
    public async Task Peer_that_hangs_up()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using Impostor mute = Impostor.Saying();
        await ward.DialAsync(mute.Address);
        await ExpectAsync(ward, "tls", FindingCodes.ClosedBeforeTls);
    }

    [Fact]
    public async Task Another_edge_at_the_address()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using TestEdge other = await TestEdge.StartAsync();
        await ward.DialAsync(other.Address);
        Finding fault = await ExpectAsync(ward, "pin", FindingCodes.PinMismatch);
        Assert.Equal(10104, fault.Code!.Number); // FailedDirectTrustMatch, fact sheet 9.1
    }

    [Theory]
    [InlineData(30, FindingState.Warning)]
    [InlineData(180, FindingState.Failed)]
    [InlineData(-180, FindingState.Failed)]
    public async Task Clocks_that_are_apart(int minutes, FindingState expected)
    {
        await using Ward ward = await Ward.OpenAsync();
        (minutes > 0 ? ward.EdgeTime : ward.HubTime).Advance(TimeSpan.FromMinutes(Math.Abs(minutes)));
        Finding clock = Assert.Single(await ward.AskHubAsync(), one => one.Check == "clock");
        Assert.Equal((expected, FindingCodes.ClockSkew), (clock.State, clock.Code));
        Assert.Contains(minutes > 0 ? "ahead of" : "behind", clock.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clocks_that_are_minutes_apart_are_no_fault()
    {
        await using Ward ward = await Ward.OpenAsync();
        ward.EdgeTime.Advance(TimeSpan.FromMinutes(4));
        Assert.DoesNotContain(await ward.AskHubAsync(), one => one.State is FindingState.Failed or FindingState.Warning);
    }

    [Fact]
    public async Task Account_that_the_clock_of_the_edge_refuses()
    {
        await using Ward ward = await Ward.OpenAsync();
        ward.HubTime.Advance(TimeSpan.FromHours(3));
        await ward.ChangeAccountsAsync(Time(PosternAttributes.EffectiveTime, ward.HubTime.GetUtcNow() - TimeSpan.FromHours(1)));
        IReadOnlyList<Finding> findings = await ward.AskHubAsync();
        Finding[] faults = [.. findings.Where(one => one.State is FindingState.Failed or FindingState.Warning)];
        Assert.Equal(["clock", "logon"], faults.Select(one => one.Check));
        Assert.All(faults, one => Assert.Equal(FindingCodes.ClockSkew, one.Code));
    }

    [Fact]
    public async Task Account_that_takes_effect_later()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ChangeAccountsAsync(Time(PosternAttributes.EffectiveTime, ward.HubTime.GetUtcNow() + TimeSpan.FromHours(1)));
        await ExpectAsync(ward, "logon", FindingCodes.AccountNotYetEffective);
    }

    [Fact]
    public async Task Account_that_has_expired()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ChangeAccountsAsync(Time(PosternAttributes.ExpirationTime, ward.HubTime.GetUtcNow()));
        await ExpectAsync(ward, "logon", FindingCodes.AccountExpired);
    }

    [Fact]
    public async Task Account_that_the_edge_does_not_have()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ForgetAccountsAsync();
        Finding fault = await ExpectAsync(ward, "logon", FindingCodes.AccountUnknown);

        // The certificate of the hub is known: the next cycle heals the pair, and it is well again.
        Assert.Equal(FindingState.Warning, fault.State);
        Assert.Contains("the next cycle", fault.Evidence, StringComparison.Ordinal);
        await ward.SynchronizeAsync();
        Assert.DoesNotContain(await ward.AskHubAsync(), one => one.State is FindingState.Failed or FindingState.Warning);
    }

    [Fact]
    public async Task Edge_that_was_subscribed_anew()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.Edge.ExportAsync(force: true);
        Assert.Equal(FindingState.Failed, (await ExpectAsync(ward, "logon", FindingCodes.AccountUnknown)).State);
    }

    [Fact]
    public async Task Hub_that_was_never_let_in()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ForgetRecordsAsync();
        await ExpectAsync(ward, "credential", FindingCodes.NoCredential);
    }

    [Fact]
    public async Task Account_without_a_successor()
    {
        await using Ward ward = await Ward.OpenAsync();
        ward.Advance(TimeSpan.FromDays(28));
        Finding fault = Assert.Single(await ward.AskHubAsync(), one => one.Check == "credential");
        Assert.Equal((FindingState.Warning, FindingCodes.RenewalFailed), (fault.State, fault.Code));
    }

    [Fact]
    public async Task Somebody_guessed_passwords_at_the_account()
    {
        await using Ward ward = await Ward.OpenAsync();
        string account = (await ward.AccountsAsync())[0];
        for (int i = 0; i < new LoginBackoffOptions().FreeFailuresPerAccount; i++)
        {
            await using LdapConnection guess = await LdapConnection.ConnectAsync(new LdapClientOptions
            {
                Endpoint = LdapEndpoint.Parse($"ldaps://{ward.Edge.Address}"),
                Trust = new LdapTrust.Pin(Certificates.CertificatePin.Of(ward.Edge.Service.Certificate!).Sha256),
            });
            await Assert.ThrowsAsync<LdapException>(() => guess.BindAsync(account, "guess"));
        }

        await ExpectAsync(ward, "logon", FindingCodes.LoginThrottled);
    }

    [Fact]
    public async Task Account_of_another_kind()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ChangeAccountsAsync(new LdapAttribute(PosternAttributes.Role, AccountEntry.LookupRole));
        Finding fault = await ExpectAsync(ward, "write", FindingCodes.RightsMissing);
        Assert.Contains("may not", fault.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edge_that_belongs_to_another_site()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.ChangeEdgeAsync(EdgeLayout.Lease, new LdapAttribute(PosternAttributes.Site, "Elsewhere"));
        await ExpectAsync(ward, "owner", FindingCodes.OwnedByAnother);
    }

    [Fact]
    public async Task Pinned_certificate_that_has_expired_is_an_alarm_and_no_outage()
    {
        await using Ward ward = await Ward.OpenAsync();
        ward.Advance(TimeSpan.FromDays((5 * 365) + 1));
        IReadOnlyList<Finding> findings = await ward.AskHubAsync();
        Finding certificate = Assert.Single(findings, one => one is { Check: "certificate", About: "edge1" });
        Assert.Equal((FindingState.Warning, FindingCodes.PeerCertificateExpired), (certificate.State, certificate.Code));
        Assert.Equal(FindingState.Good, Assert.Single(findings, one => one.Check == "tls").State);
        Assert.Equal(FindingState.Good, Assert.Single(findings, one => one.Check == "pin").State);
    }

    [Fact]
    public async Task Edge_without_a_synchronization_and_one_that_is_late()
    {
        await using Ward ward = await Ward.OpenAsync(synchronized: false);
        Assert.All(
            (await ward.AskHubAsync()).Where(one => one.State == FindingState.Failed),
            one => Assert.Equal((one.Check, FindingCodes.NeverSynchronized), (one.Check, one.Code)));
        await ward.SynchronizeAsync();
        ward.Advance(TimeSpan.FromHours(2));
        IReadOnlyList<Finding> late = await ward.AskHubAsync();
        Assert.Equal(["configuration", "recipients"], late.Where(one => one.Code == FindingCodes.SynchronizationLate).Select(one => one.Check));
        Assert.Equal(FindingCodes.NobodySynchronizes, Assert.Single(late, one => one.Check == "lease").Code);
    }

    [Fact]
    public async Task Source_that_is_not_there()
    {
        await using Ward ward = await Ward.OpenAsync();
        File.Delete(ward.SourceFile);
        Finding fault = await ExpectAsync(ward, "source", FindingCodes.SourceUnreachable);
        Assert.Contains("source file", fault.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_file_that_was_used_or_is_too_old()
    {
        await using Ward ward = await Ward.OpenAsync();
        SubscriptionFile used = await ward.Edge.ExportAsync(force: true);
        await ward.Hub.Subscriptions.ImportAsync(used, "Site", ward.Edge.Address);
        SubscriptionException again = await Assert.ThrowsAsync<SubscriptionException>(() => ward.Hub.Subscriptions.ImportAsync(used, "Site", ward.Edge.Address));
        Assert.Equal(FindingCodes.BootstrapUsed, LogonDiagnosis.Explain(again, TimeSpan.Zero));

        SubscriptionFile old = await ward.Edge.ExportAsync(force: true);
        ward.EdgeTime.Advance(TimeSpan.FromHours(25));
        SubscriptionException late = await Assert.ThrowsAsync<SubscriptionException>(() => ward.Hub.Subscriptions.ImportAsync(old, "Site", ward.Edge.Address));
        Assert.Equal(FindingCodes.ClockSkew, LogonDiagnosis.Explain(late, TimeSpan.FromHours(25)));
        Assert.Equal(FindingCodes.BootstrapExpired, LogonDiagnosis.Explain(late, TimeSpan.Zero));
    }

    private static LdapAttribute Time(string attribute, DateTimeOffset time) => new(attribute, SyncStateEntry.PrintTime(time));

    private static async Task<Finding> ExpectAsync(Ward ward, string check, FindingCode code)
    {
        Finding fault = await ward.OnlyFaultAsync();
        Assert.Equal((check, code), (fault.Check, fault.Code));
        return fault;
    }
}
