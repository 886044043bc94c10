using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.EdgeSync.Auth;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Auth;

/// <summary>The auth certificate among hubs that share an organization directory, and what edges get of it.</summary>
public sealed class AuthKeeperTests
{
    private static readonly TokenWish Wish = new("anna", TokenRole.Admin, TimeSpan.FromHours(1));

    [Fact]
    public async Task The_first_hub_makes_it_every_hub_can_sign_and_every_node_believes()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2", "HUB3");
        await site.LookAsync(rounds: 2);

        foreach (SiteHub hub in site.Hubs)
        {
            string token = (await hub.Topology.Auth.IssueAsync(Wish)).Token;
            foreach (SiteHub other in site.Hubs)
            {
                Assert.Equal(TokenRole.Admin, (await new TokenValidator(other.Topology.Auth.FindAsync, "x.example.com", site.Time).ValidateAsync(token, CancellationToken.None)).Role);
            }
        }

        AuthOverview all = await site.First.Topology.Auth.ShowAsync();
        Assert.Equal(["HUB1", "HUB2", "HUB3"], all.Hubs);
        Assert.Empty(all.Inputs.LackCurrent);
        Assert.Empty(all.Inputs.Unreachable);
    }

    [Fact]
    public async Task Hubs_that_start_at_once_make_one()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2", "HUB3", "HUB4");

        await Task.WhenAll(site.Hubs.Select(hub => hub.Topology.RunOnceAsync()));
        await site.LookAsync(rounds: 2);

        Assert.Empty((await site.First.Topology.Auth.ShowAsync()).Inputs.LackCurrent);
    }

    [Fact]
    public async Task A_look_that_finds_nothing_to_do_writes_nothing()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2");
        await site.LookAsync(rounds: 3);
        LdapEntry before = (await AuthEntry.FindAsync(site.Organization, OrganizationLayout.Auth, CancellationToken.None))!;

        await site.LookAsync(rounds: 2);

        LdapEntry after = (await AuthEntry.FindAsync(site.Organization, OrganizationLayout.Auth, CancellationToken.None))!;
        Assert.Equal(Texts(before), Texts(after));
    }

    [Fact]
    public async Task The_key_stands_nowhere_in_clear_and_opens_for_its_hub_alone()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2");
        await site.LookAsync(rounds: 2);
        AuthState state = (await AuthState.ReadAsync(site.Organization, CancellationToken.None))!;
        AuthKeyRecord second = state.Keys.Select(one => one.Record!).Single(one => one.Hub == "HUB2");
        using X509Certificate2 auth = second.Open(state.Configuration.Current.Span, site.Hubs[1].Identity.Keys);
        byte[] secret = auth.GetECDsaPrivateKey()!.ExportParameters(true).D!;

        Assert.ThrowsAny<CryptographicException>(() => second.Open(state.Configuration.Current.Span, site.First.Identity.Keys));

        // Moved: another hub's name on it, or another certificate.
        Assert.ThrowsAny<CryptographicException>(() => (second with { Hub = "HUB3" }).Open(state.Configuration.Current.Span, site.Hubs[1].Identity.Keys));
        using X509Certificate2 other = AuthCertificates.Make(KeyAlgorithm.EcdsaP256, 1, site.Time);
        Assert.ThrowsAny<CryptographicException>(() => (second with { Certificate = CertificatePin.Of(other).ToString() }).Open(other.RawData, site.Hubs[1].Identity.Keys));
        await foreach (LdapEntry entry in site.Organization.SearchAsync(new SearchRequest(OrganizationLayout.Suffix, SearchScope.WholeSubtree, Filter.Anything, ["*"])))
        {
            foreach (ReadOnlyMemory<byte> value in entry.Attributes.SelectMany(one => one.Values))
            {
                Assert.True(value.Span.IndexOf(secret) < 0 && !Encoding.Latin1.GetString(value.Span).Contains(Convert.ToBase64String(secret)[..40], StringComparison.Ordinal), entry.Dn);
            }
        }
    }

    [Fact]
    public async Task A_successor_takes_over_at_its_time_by_whichever_hub_looks_and_old_tokens_count_until_the_previous_one_is_cleared()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2");
        await site.LookAsync(rounds: 2);
        AuthKeeper first = site.First.Topology.Auth, second = site.Hubs[1].Topology.Auth;
        string old = (await first.IssueAsync(Wish)).Token;
        AuthConfiguration before = (await first.FindAsync())!;
        await first.StageAsync(null, KeyAlgorithm.Rsa2048, 500, site.Time.GetUtcNow() + TimeSpan.FromMinutes(20));
        await site.LookAsync(rounds: 1);
        Assert.True((await first.FindAsync())!.Current.Span.SequenceEqual(before.Current.Span));

        site.Time.Advance(TimeSpan.FromMinutes(21));
        Assert.NotEmpty((await second.IssueAsync(Wish)).Token); // due, though nobody has rolled it yet
        await Task.WhenAll(site.Hubs.Select(hub => hub.Topology.RunOnceAsync()));

        AuthConfiguration after = (await second.FindAsync())!;
        Assert.True(after.Previous.Span.SequenceEqual(before.Current.Span));
        Assert.True(after.Next.IsEmpty);
        Assert.Null(after.Effective);
        TokenValidator validator = new(second.FindAsync, "x.example.com", site.Time);
        await validator.ValidateAsync(old, CancellationToken.None);
        await validator.ValidateAsync((await second.IssueAsync(Wish)).Token, CancellationToken.None);
        Assert.True(await second.ClearPreviousAsync());
        Assert.False(await second.ClearPreviousAsync());
        Assert.Equal("signer", (await Assert.ThrowsAsync<TokenException>(() => validator.ValidateAsync(old, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task The_monitor_does_what_the_table_says()
    {
        await using Site site = await Site.StartAsync("HUB1");
        await site.LookAsync(rounds: 1);
        AuthKeeper auth = site.First.Topology.Auth;
        ReadOnlyMemory<byte> first = (await auth.FindAsync())!.Current;
        Assert.Equal(AuthAction.Nothing, (await auth.MonitorAsync(apply: true, enforce: false, ignoreUnreachable: false)).Action);

        site.Time.Advance(TimeSpan.FromDays(AuthCertificates.DefaultDays - 60));
        Assert.Equal(AuthAction.StageNext, (await auth.MonitorAsync(apply: false, enforce: false, ignoreUnreachable: false)).Action);
        Assert.True((await auth.FindAsync())!.Next.IsEmpty);
        await auth.MonitorAsync(apply: true, enforce: false, ignoreUnreachable: false);
        AuthConfiguration staged = (await auth.FindAsync())!;
        Assert.Equal(site.Time.GetUtcNow() + TimeSpan.FromDays(30), staged.Effective!.Value, TimeSpan.FromSeconds(1));
        Assert.Equal(AuthAction.Nothing, (await auth.MonitorAsync(apply: true, enforce: false, ignoreUnreachable: false)).Action);

        // Asleep until both are over.
        site.Time.Advance(TimeSpan.FromDays((AuthCertificates.DefaultDays * 2) + 1));
        Assert.Equal("authCertificateExpired", (await Assert.ThrowsAsync<AuthException>(() => auth.IssueAsync(Wish))).Code);
        Assert.Equal(AuthAction.ReplaceNow, (await auth.MonitorAsync(apply: true, enforce: false, ignoreUnreachable: false)).Action);
        AuthConfiguration replaced = (await auth.FindAsync())!;
        Assert.False(replaced.Current.Span.SequenceEqual(first.Span));
        Assert.True(replaced.Next.IsEmpty && replaced.Previous.IsEmpty);
        Assert.NotEmpty((await auth.IssueAsync(Wish)).Token);
    }

    [Fact]
    public async Task A_hub_without_the_key_is_found_and_helped_and_one_that_never_takes_it_is_unreachable()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2");
        await site.First.Topology.RunOnceAsync();
        SiteHub late = site.Hubs[1];
        await late.Topology.JoinAsync(CancellationToken.None);
        AuthKeeper auth = site.First.Topology.Auth;
        Assert.Equal("noAuthKey", (await Assert.ThrowsAsync<AuthException>(() => late.Topology.Auth.IssueAsync(Wish))).Code);

        AuthDecision decision = await auth.MonitorAsync(apply: true, enforce: false, ignoreUnreachable: false);

        Assert.Equal((AuthAction.ShareCurrent, (int?)4), (decision.Action, decision.Row));
        Assert.Equal(AuthAction.Nothing, (await auth.MonitorAsync(apply: false, enforce: false, ignoreUnreachable: false)).Action);
        site.Time.Advance(TimeSpan.FromMinutes(61));
        AuthDecision blocked = await auth.MonitorAsync(apply: true, enforce: true, ignoreUnreachable: false);
        Assert.True(blocked.IsBlocked);
        Assert.Contains("HUB2", blocked.Reason, StringComparison.Ordinal);
        await late.Topology.RunOnceAsync();
        Assert.Equal(AuthAction.StageNext, (await auth.MonitorAsync(apply: false, enforce: true, ignoreUnreachable: false)).Action);
        Assert.NotEmpty((await late.Topology.Auth.IssueAsync(Wish)).Token);
    }

    [Fact]
    public async Task The_key_survives_the_revocation_of_the_only_hubs_certificate_and_a_hub_that_left_has_no_record()
    {
        await using Site site = await Site.StartAsync("HUB1", "HUB2");
        await site.LookAsync(rounds: 2);
        Assert.True(await site.First.Servers.RemoveAsync("HUB2"));
        await site.First.Topology.RunOnceAsync();
        AuthState state = (await AuthState.ReadAsync(site.Organization, CancellationToken.None))!;
        Assert.Equal("HUB1", Assert.Single(state.Keys).Record!.Hub);

        await site.First.Topology.Certificates.RevokeAsync(null);

        Assert.NotEmpty((await site.First.Topology.Auth.IssueAsync(Wish)).Token);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("p384")]
    [InlineData("noKey")]
    public async Task What_cannot_sign_does_not_become_the_next_one(string what)
    {
        await using Site site = await Site.StartAsync("HUB1");
        await site.LookAsync(rounds: 1);
        using X509Certificate2 made = AuthCertificates.Make(what == "p384" ? KeyAlgorithm.EcdsaP384 : KeyAlgorithm.EcdsaP256, what == "short" ? 1 : 90, site.Time);
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(made.RawData);

        AuthException refused = await Assert.ThrowsAsync<AuthException>(() =>
            site.First.Topology.Auth.StageAsync(what == "noKey" ? bare : made, KeyAlgorithm.EcdsaP256, 0, site.Time.GetUtcNow() + TimeSpan.FromDays(2)));

        Assert.Equal("authCertificate", refused.Code);
        Assert.Equal("noNextCertificate", (await Assert.ThrowsAsync<AuthException>(() => site.First.Topology.Auth.PublishAsync())).Code);
    }

    [Fact]
    public async Task Edges_get_the_public_halves_with_the_configuration_and_follow_every_change()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub home = await TestHub.StartAsync();
        using SiteHub hub = new("HUB1", home.Organization, TimeProvider.System);
        await hub.Topology.RunOnceAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), SiteHub.Site, edge.Address);
        IDirectory there = edge.Engine.As(Postern.Directory.Principal.System);
        Assert.Null(await AuthPublication.ReadAsync(there, CancellationToken.None));

        Assert.Equal([SyncOutcome.Success, SyncOutcome.Success], await hub.SynchronizeAsync());
        TokenValidator validator = new(cancellation => AuthPublication.ReadAsync(there, cancellation), "edge1.example.net", TimeProvider.System);
        Assert.Equal("anna", (await validator.ValidateAsync((await hub.Topology.Auth.IssueAsync(Wish)).Token, CancellationToken.None)).Subject);

        await hub.Topology.Auth.StageAsync(null, KeyAlgorithm.EcdsaP256, 90, TimeProvider.System.GetUtcNow().AddDays(1));
        await hub.Topology.RunOnceAsync();
        AuthConfiguration staged = (await AuthPublication.ReadAsync(there, CancellationToken.None))!;
        ReadOnlyMemory<byte> next = (await hub.Topology.Auth.FindAsync())!.Next;
        Assert.True(staged.Next.Span.SequenceEqual(next.Span));
        Assert.Null((await AuthEntry.FindAsync(there, EdgeLayout.Auth, CancellationToken.None))!.Find(PosternAttributes.AuthKey));
        await hub.Topology.Auth.PublishAsync();
        await hub.SynchronizeAsync();
        AuthConfiguration rolled = (await AuthPublication.ReadAsync(there, CancellationToken.None))!;
        Assert.True(rolled.Next.IsEmpty && rolled.Previous.Span.SequenceEqual(staged.Current.Span));
    }

    private static string[] Texts(LdapEntry entry) =>
        [.. entry.Attributes.SelectMany(one => one.Values.Select(value => $"{one.Description}={Convert.ToHexString(value.Span)}")).Order(StringComparer.Ordinal)];

    private sealed class Site(TestHub home, ManualTimeProvider time) : IAsyncDisposable
    {
        public List<SiteHub> Hubs { get; } = [];

        public SiteHub First => Hubs[0];

        public ManualTimeProvider Time => time;

        public IDirectory Organization => home.Organization;

        public static async Task<Site> StartAsync(params string[] names)
        {
            Site site = new(await TestHub.StartAsync(), new ManualTimeProvider());
            site.Hubs.AddRange(names.Select(name => new SiteHub(name, site.Organization, site.Time, log: NullLoggerFactory.Instance)));
            return site;
        }

        public async Task LookAsync(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                foreach (SiteHub hub in Hubs)
                {
                    await hub.Topology.RunOnceAsync();
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            Hubs.ForEach(hub => hub.Dispose());
            await home.DisposeAsync();
        }
    }
}
