using System.Text;
using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Slapd;

/// <summary>Our client against an independent server.</summary>
public sealed class SlapdSessionTests(SlapdSessionTests.Server server) : IClassFixture<SlapdSessionTests.Server>
{
    private const int Recipients = 2000;

    public sealed class Server : IAsyncLifetime
    {
        private SlapdFixture? _slapd;

        /// <summary>Skips the test when there is no slapd: an exception in a fixture would fail it instead.</summary>
        public SlapdFixture Slapd
        {
            get
            {
                Peers.Require("slapd");
                return _slapd!;
            }
        }

        public async Task InitializeAsync()
        {
            try
            {
                _slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = Recipients });
            }
            catch (SkipException)
            {
                // Each test says so itself.
            }
        }

        public async Task DisposeAsync()
        {
            if (_slapd is not null)
            {
                await _slapd.DisposeAsync();
            }
        }
    }

    private SlapdFixture Slapd => server.Slapd;

    private SearchRequest Everything => new(Slapd.BaseDn, SearchScope.WholeSubtree, Filter.Anything, []);

    [SkippableFact]
    public async Task Bind_says_who_we_are()
    {
        await using LdapConnection connection = await PlainAsync();
        Assert.Equal("", await connection.WhoAmIAsync());

        await connection.BindAsync(Slapd.ReaderDn, Slapd.ReaderPassword);

        Assert.Equal($"dn:{Slapd.ReaderDn}", await connection.WhoAmIAsync());
        Assert.False(connection.IsTls);
    }

    [SkippableFact]
    public async Task Wrong_password_is_refused_and_the_connection_stays_usable()
    {
        await using LdapConnection connection = await PlainAsync();

        LdapException refusal = await Assert.ThrowsAsync<LdapException>(() => connection.BindAsync(Slapd.ReaderDn, "not it"));

        Assert.Equal(LdapResultCode.InvalidCredentials, refusal.Code);
        Assert.Contains(Slapd.ReaderDn, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not it", refusal.Message, StringComparison.Ordinal);
        await connection.BindAsync(Slapd.ReaderDn, Slapd.ReaderPassword);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    [InlineData(100_000)]
    public async Task Paged_search_finds_what_an_unpaged_one_finds(int pageSize)
    {
        await using LdapConnection connection = await ReaderAsync();
        SearchRequest request = pageSize == 1 ? Everything with { Filter = Filter.Parse("(cn=*00*)") } : Everything;
        List<string> whole = await connection.SearchAsync(request).Select(e => e.Dn).ToListAsync();

        List<string> paged = await connection.SearchPagedAsync(request, pageSize).Select(e => e.Dn).ToListAsync();

        Assert.Equal(whole.Order(StringComparer.Ordinal), paged.Order(StringComparer.Ordinal));
        Assert.True(pageSize == 1 || whole.Count > Recipients);
    }

    [SkippableFact]
    public async Task Slow_consumer_gets_every_entry_though_the_buffer_is_tiny()
    {
        await using LdapConnection connection = await ReaderAsync(o => o with { SearchBufferBytes = 1 });
        int paged = 0;
        await foreach (LdapEntry _ in connection.SearchPagedAsync(Everything, 100))
        {
            await Task.Yield();
            paged++;
        }

        int whole = await connection.SearchAsync(Everything).CountAsync();

        Assert.Equal(whole, paged);
    }

    [SkippableFact]
    public async Task Search_under_a_missing_base_is_an_error()
    {
        await using LdapConnection connection = await ReaderAsync();
        SearchRequest request = Everything with { BaseDn = "ou=nowhere," + Slapd.BaseDn };

        LdapException refusal = await Assert.ThrowsAsync<LdapException>(async () => await connection.SearchAsync(request).CountAsync());

        Assert.Equal(LdapResultCode.NoSuchObject, refusal.Code);
        Assert.Contains("ou=nowhere", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await connection.SearchAsync(SearchRequest.ReadEntry(Slapd.BaseDn)).CountAsync());
    }

    [SkippableFact]
    public async Task Size_limit_ends_the_search_with_an_error_after_the_entries()
    {
        await using LdapConnection connection = await ReaderAsync();
        List<LdapEntry> seen = [];

        LdapException refusal = await Assert.ThrowsAsync<LdapException>(async () =>
        {
            await foreach (LdapEntry entry in connection.SearchAsync(Everything with { SizeLimit = 10 }))
            {
                seen.Add(entry);
            }
        });

        Assert.Equal(LdapResultCode.SizeLimitExceeded, refusal.Code);
        Assert.Equal(10, seen.Count);
    }

    [SkippableFact]
    public async Task Search_left_early_leaves_the_connection_usable()
    {
        await using LdapConnection connection = await ReaderAsync();
        for (int i = 0; i < 20; i++)
        {
            await foreach (LdapEntry _ in i % 2 == 0 ? connection.SearchAsync(Everything) : connection.SearchPagedAsync(Everything, 50))
            {
                break;
            }
        }

        Assert.Equal($"dn:{Slapd.ReaderDn}", await connection.WhoAmIAsync());
    }

    [SkippableFact]
    public async Task Many_operations_share_one_connection()
    {
        await using LdapConnection connection = await ReaderAsync();
        int all = await connection.SearchAsync(Everything).CountAsync();

        Task<int>[] searches = [.. Enumerable.Range(0, 8).Select(i => Task.Run(async () => await connection.SearchAsync(Everything).CountAsync()))];
        Task<string>[] questions = [.. Enumerable.Range(0, 100).Select(_ => connection.WhoAmIAsync())];

        Assert.All(await Task.WhenAll(searches), count => Assert.Equal(all, count));
        Assert.All(await Task.WhenAll(questions), name => Assert.Equal($"dn:{Slapd.ReaderDn}", name));
    }

    [SkippableFact]
    public async Task Entry_is_added_compared_changed_renamed_and_deleted()
    {
        await using LdapConnection connection = await PlainAsync();
        await connection.BindAsync(Slapd.AdminDn, Slapd.AdminPassword);
        string dn = $"cn=Zoë \\, test,{Slapd.BaseDn}";
        AddRequest add = new(
            dn,
            new LdapAttribute("objectClass", "organizationalRole"),
            new LdapAttribute("cn", "Zoë , test"),
            new LdapAttribute("description", "first"));

        Assert.Equal(LdapResultCode.Success, (await connection.AddAsync(add)).Code);
        Assert.Equal(LdapResultCode.EntryAlreadyExists, (await connection.AddAsync(add)).Code);
        Assert.Equal(LdapResultCode.CompareTrue, (await connection.CompareAsync(new CompareRequest(dn, "description", Encoding.UTF8.GetBytes("first")))).Code);
        Assert.Equal(LdapResultCode.Success, (await connection.ModifyAsync(new ModifyRequest(dn, new Modification(ModificationType.Replace, new LdapAttribute("description", "second"))))).Code);
        Assert.Equal(LdapResultCode.CompareFalse, (await connection.CompareAsync(new CompareRequest(dn, "description", Encoding.UTF8.GetBytes("first")))).Code);
        Assert.Equal(LdapResultCode.Success, (await connection.ModifyDnAsync(new ModifyDnRequest(dn, "cn=renamed", true))).Code);
        LdapEntry entry = await connection.SearchAsync(SearchRequest.ReadEntry($"cn=renamed,{Slapd.BaseDn}")).SingleAsync();
        Assert.Equal("second", entry.FirstString("description"));
        Assert.Equal(LdapResultCode.NoSuchObject, (await connection.DeleteAsync(new DelRequest(dn))).Code);
        Assert.Equal(LdapResultCode.Success, (await connection.DeleteAsync(new DelRequest(entry.Dn))).Code);
    }

    [SkippableFact]
    public async Task Server_without_LBURP_refuses_a_batch_and_applies_nothing()
    {
        await using LdapConnection connection = await PlainAsync();
        await connection.BindAsync(Slapd.AdminDn, Slapd.AdminPassword);
        AddRequest add = new($"cn=batched,{Slapd.BaseDn}", new LdapAttribute("objectClass", "organizationalRole"), new LdapAttribute("cn", "batched"));

        BatchResult first = await connection.BatchAsync([add]);
        BatchResult second = await connection.BatchAsync([add]);

        Assert.False(first.Result.IsSuccess);
        Assert.Equal(first.Result.Code, second.Result.Code);
        Assert.Contains("LBURP", first.Result.DiagnosticMessage, StringComparison.Ordinal);
        LdapException missing = await Assert.ThrowsAsync<LdapException>(async () => await connection.SearchAsync(SearchRequest.ReadEntry(add.Dn)).CountAsync());
        Assert.Equal(LdapResultCode.NoSuchObject, missing.Code);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tls_is_up_before_the_password_is_sent(bool startTls)
    {
        await using LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions
        {
            Endpoint = LdapEndpoint.Parse(startTls ? Slapd.LdapUrl : Slapd.LdapsUrl),
            StartTls = startTls,
            Trust = new LdapTrust.CaFile(Slapd.CertificateFiles.Authority),
        });

        await connection.BindAsync(Slapd.ReaderDn, Slapd.ReaderPassword);

        Assert.True(connection.IsTls);
        Assert.NotNull(connection.ServerCertificate);
        Assert.True(await connection.SearchPagedAsync(Everything, 300).CountAsync() > Recipients);
    }

    [SkippableFact]
    public async Task Certificate_of_an_unknown_issuer_is_not_believed()
    {
        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() =>
            LdapConnection.ConnectAsync(new LdapClientOptions { Endpoint = LdapEndpoint.Parse(Slapd.LdapsUrl) }));

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
        Assert.Contains("issuer", failure.Message, StringComparison.Ordinal);
        Assert.Contains("pin", failure.Hint, StringComparison.Ordinal);
    }

    private Task<LdapConnection> PlainAsync(Func<LdapClientOptions, LdapClientOptions>? change = null)
    {
        LdapClientOptions options = new() { Endpoint = LdapEndpoint.Parse(Slapd.LdapUrl) };
        return LdapConnection.ConnectAsync(change is null ? options : change(options));
    }

    private async Task<LdapConnection> ReaderAsync(Func<LdapClientOptions, LdapClientOptions>? change = null)
    {
        LdapConnection connection = await PlainAsync(change);
        await connection.BindAsync(Slapd.ReaderDn, Slapd.ReaderPassword);
        return connection;
    }
}
