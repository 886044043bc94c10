using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Credentials;

public sealed class CredentialServiceTests
{
    [Fact]
    public async Task Account_follows_its_credential_from_the_first_day_to_the_last()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync(time);
        await edge.ExportAsync();
        CredentialRecord record = TestCredential.Make(edge.Service.Certificate!, "HUB1", from: time.GetUtcNow().AddHours(3));
        await AddAsync(edge, record);
        Assert.Equal(AccountState.NotYetEffective, await StateAsync(edge, time, record, "secret"));
        time.Advance(TimeSpan.FromHours(3) - CredentialService.ClockTolerance); // clocks differ by minutes
        Assert.Equal(AccountState.Valid, await StateAsync(edge, time, record, "secret"));
        Assert.Equal(AccountState.UnknownOrWrong, await StateAsync(edge, time, record, "other"));
        time.Advance(TimeSpan.FromHours(27));
        Assert.Equal(["ESRA.edge1"], await edge.NamesAsync(EdgeLayout.Accounts));
        Assert.Empty(await edge.NamesAsync(EdgeLayout.Credentials));
    }

    [Fact]
    public async Task Same_account_that_is_sealed_anew_keeps_its_sessions_and_another_password_does_not()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        CredentialRecord record = TestCredential.Make(edge.Service.Certificate!, "HUB1", from: from);
        await AddAsync(edge, record);
        AccountVerifier verifier = new(edge.Engine, EdgeLayout.Accounts, TimeProvider.System);
        AccountCheck check = await verifier.VerifyAsync(record.UserName, "secret"u8.ToArray());
        (await edge.System.ModifyAsync(CredentialEntry.ToReplace(TestCredential.Make(edge.Service.Certificate!, "HUB1", from: from)))).ThrowIfFailed("replace");
        await edge.Credentials.LookAsync();
        Assert.Equal(AccountState.Valid, verifier.Recheck(check.Proof!));
        (await edge.System.ModifyAsync(CredentialEntry.ToReplace(TestCredential.Make(edge.Service.Certificate!, "HUB1", password: "new", from: from)))).ThrowIfFailed("replace");
        await edge.Credentials.LookAsync();
        Assert.Equal(AccountState.UnknownOrWrong, verifier.Recheck(check.Proof!));
        Assert.Equal(AccountState.Valid, await StateAsync(edge, TimeProvider.System, record, "new"));
    }

    [Fact]
    public async Task Credential_that_cannot_be_installed_is_named_and_keeps_no_other_out()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        using X509Certificate2 other = SelfSignedCertificate.Create(
            new SelfSignedRequest("edge1", [TestEdge.Fqdn], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);
        CredentialRecord elsewhere = TestCredential.Make(other, "HUB1");
        CredentialRecord renamed = TestCredential.Make(edge.Service.Certificate!, "HUB2") with { UserName = "ESRA.edge.HUB3.0" };
        CredentialRecord stolen = TestCredential.Make(edge.Service.Certificate!, "HUB5") with { SourceServer = "HUB4", UserName = "ESRA.edge.HUB4.0" };
        CredentialRecord good = TestCredential.Make(edge.Service.Certificate!, "HUB6");
        foreach (CredentialRecord one in (CredentialRecord[])[elsewhere, renamed, stolen, good])
        {
            (await edge.System.AddAsync(CredentialEntry.ToAdd(one))).ThrowIfFailed("add");
        }

        await edge.System.AddAsync(new AddRequest(
            CredentialEntry.Dn("ESRA.edge.HUB7.0"), new LdapAttribute("objectClass", PosternClasses.Credential), new LdapAttribute("cn", "ESRA.edge.HUB7.0"),
            new LdapAttribute(PosternAttributes.EdgeSyncCredential, "nonsense")));
        Assert.Equal(["ESRA.edge.HUB6.0", "ESRA.edge1"], (await edge.NamesAsync(EdgeLayout.Accounts)).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["ESRA.edge.HUB1.0", "ESRA.edge.HUB3.0", "ESRA.edge.HUB4.0", "ESRA.edge.HUB7.0"], edge.Credentials.Faults.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("whose key is not here", edge.Credentials.Faults["ESRA.edge.HUB1.0"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_with_two_names_installs_what_it_is_called_and_nobody_else()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        CredentialRecord victim = TestCredential.Make(edge.Service.Certificate!, "HUB2");
        (await edge.System.AddAsync(new AddRequest(
            CredentialEntry.Dn("ESRA.edge.HUB1.3"), new LdapAttribute("objectClass", PosternClasses.Credential),
            new LdapAttribute("cn", victim.UserName, "ESRA.edge.HUB1.3"), new LdapAttribute(PosternAttributes.EdgeSyncCredential, [victim.ToOctets()])))).ThrowIfFailed("add");
        Assert.Equal(["ESRA.edge1"], await edge.NamesAsync(EdgeLayout.Accounts));
        Assert.Equal(["ESRA.edge.HUB1.3"], edge.Credentials.Faults.Keys);
    }

    [Fact]
    public async Task Unbelievable_times_stop_neither_the_service_nor_logins()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        CredentialRecord form = TestCredential.Make(edge.Service.Certificate!, "HUB1");
        CredentialRecord[] bad =
        [
            form with { EffectiveTime = DateTimeOffset.MinValue, UserName = "ESRA.edge.HUB1.1" },
            form with { ExpirationTime = DateTimeOffset.MaxValue, UserName = "ESRA.edge.HUB1.2" },
            form with { ExpirationTime = form.EffectiveTime, UserName = "ESRA.edge.HUB1.3" },
            form with { ExpirationTime = form.EffectiveTime.AddDays(400), UserName = "ESRA.edge.HUB1.4" },
        ];
        foreach (CredentialRecord one in bad)
        {
            (await edge.System.AddAsync(CredentialEntry.ToAdd(CredentialRecord.Seal(one, "x", edge.Service.Certificate!)))).ThrowIfFailed("add");
        }

        await AddAsync(edge, form);
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge1"], (await edge.NamesAsync(EdgeLayout.Accounts)).Order(StringComparer.Ordinal));
        Assert.Equal(bad.Select(one => one.UserName), edge.Credentials.Faults.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("366 days", edge.Credentials.Faults["ESRA.edge.HUB1.4"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_credentials_than_hubs_can_have_are_not_looked_at()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        byte[] record = TestCredential.Make(edge.Service.Certificate!, "HUB1").ToOctets();
        IUpdateOperation[] many = [.. Enumerable.Range(0, CredentialService.MaxCredentials + 1).Select(i => new AddRequest(
            CredentialEntry.Dn($"ESRA.edge.EVIL{i}.0"), new LdapAttribute("objectClass", PosternClasses.Credential), new LdapAttribute("cn", $"ESRA.edge.EVIL{i}.0"),
            new LdapAttribute(PosternAttributes.EdgeSyncCredential, [record])))];
        (await edge.System.BatchAsync(many)).Result.ThrowIfFailed("add");
        await edge.Credentials.LookAsync();
        Assert.Equal(CredentialService.MaxCredentials, edge.Credentials.Faults.Count);
    }

    [Fact]
    public async Task Replication_account_without_a_credential_is_removed_and_those_of_people_stay()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        (await edge.System.AddAsync(AccountEntry.ToAdd("ESRA.edge.EVIL.0", "x", AccountEntry.ReplicationRole, DateTimeOffset.UnixEpoch))).ThrowIfFailed("add");
        (await edge.System.AddAsync(AccountEntry.ToAdd("studio", "x", AccountEntry.OperatorRole, DateTimeOffset.UnixEpoch))).ThrowIfFailed("add");
        Assert.Equal(["ESRA.edge1", "studio"], (await edge.NamesAsync(EdgeLayout.Accounts)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Service_that_runs_installs_what_comes_and_removes_what_expires()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync(time, connectionTime: TimeProvider.System);
        await edge.ExportAsync();
        using CancellationTokenSource stop = new();
        Task running = Task.Run(() => edge.Credentials.RunAsync(stop.Token));
        CredentialRecord record = TestCredential.Make(edge.Service.Certificate!, "HUB1", from: time.GetUtcNow());
        (await edge.System.AddAsync(CredentialEntry.ToAdd(record))).ThrowIfFailed("add");
        await Eventually.HoldsAsync(async () =>
        {
            Pass(time, TimeSpan.FromSeconds(2));
            return await edge.FindAsync(AccountEntry.Dn(record.UserName)) is not null;
        });
        await Eventually.HoldsAsync(() =>
        {
            Pass(time, TimeSpan.FromSeconds(2));
            return time.UntilNextTimer > TimeSpan.FromHours(1); // nothing is left to do but to wait for the end
        });
        time.Advance(TimeSpan.FromDays(1));
        await Eventually.HoldsAsync(async () =>
        {
            Pass(time, TimeSpan.FromSeconds(2));
            return await edge.FindAsync(AccountEntry.Dn(record.UserName)) is null;
        });
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Time moves only as far as the service waits for it.</summary>
    private static void Pass(ManualTimeProvider time, TimeSpan most)
    {
        if (time.UntilNextTimer is { } next && next > TimeSpan.Zero && next <= most)
        {
            time.Advance(next);
        }
    }

    private static async Task AddAsync(TestEdge edge, CredentialRecord record)
    {
        (await edge.System.AddAsync(CredentialEntry.ToAdd(record))).ThrowIfFailed("add");
        await edge.Credentials.LookAsync();
    }

    private static async Task<AccountState> StateAsync(TestEdge edge, TimeProvider time, CredentialRecord record, string password) =>
        (await new AccountVerifier(edge.Engine, EdgeLayout.Accounts, time).VerifyAsync(record.UserName, System.Text.Encoding.UTF8.GetBytes(password))).State;
}
