using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "4533")]
public sealed class SyncProviderTests
{
    private static SearchRequest Request(string filter = "(objectClass=*)", string baseDn = EdgeLayout.Suffix, SearchScope scope = SearchScope.WholeSubtree) =>
        new(baseDn, scope, Filter.Parse(filter), ["*", "entryUUID"]);

    private static Modification Replace(string attribute, params string[] values) => new(ModificationType.Replace, new LdapAttribute(attribute, values));

    private static async Task<IEnumerable<string>> ExpectedAsync(IDirectory directory, SearchRequest request)
    {
        List<string> lines = [];
        try
        {
            await foreach (LdapEntry entry in directory.SearchAsync(request))
            {
                lines.Add(ContentCopy.Line(Guid.Parse(entry.FirstString("entryUUID")!), entry));
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return lines.Order(StringComparer.Ordinal);
    }

    private static async Task AssertSameAsync(TestDirectory directory, ContentCopy copy, SearchRequest request) =>
        Assert.Equal(await ExpectedAsync(directory.System, request), copy.Content);

    [Fact]
    public async Task First_refresh_tells_all_and_the_next_only_what_changed()
    {
        await using TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 600).Select(i => Recipient($"r{i}"))]);
        SearchRequest request = Request();
        ContentCopy copy = new(request);
        Assert.True((await copy.RefreshAsync(directory.Controlled)).Result.IsSuccess);
        Assert.Equal(606, copy.States.Count);
        await AssertSameAsync(directory, copy, request);
        await copy.RefreshAsync(directory.Controlled);
        Assert.Empty(copy.States);
        await Ok(directory.System.ModifyAsync(new ModifyRequest($"cn=r1,{Recipients}", Replace("posternSource", "other"))));
        await Ok(directory.System.AddAsync(Recipient("new")));
        await Ok(directory.System.DeleteAsync(new DelRequest($"cn=r2,{Recipients}")));
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=r3,{Recipients}", "cn=renamed", true)));
        await directory.ReopenAsync();
        await copy.RefreshAsync(directory.Controlled);
        Assert.Equal((3, 1), (copy.States.Count, copy.IdSets));
        await AssertSameAsync(directory, copy, request);
    }

    [Fact]
    public async Task Subtree_that_moved_is_told_with_all_below_it()
    {
        await using TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 300).Select(i => Recipient($"r{i}"))]);
        SearchRequest whole = Request(), inside = Request(baseDn: EdgeLayout.Configuration), outside = Request("(cn=r1*)", Recipients);
        ContentCopy[] copies = [new(whole), new(inside)];
        foreach (ContentCopy copy in copies)
        {
            await copy.RefreshAsync(directory.Controlled);
        }

        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest(Recipients, "ou=moved", true, EdgeLayout.Configuration)));
        foreach (ContentCopy copy in copies)
        {
            await copy.RefreshAsync(directory.Controlled);
        }

        await AssertSameAsync(directory, copies[0], whole);
        await AssertSameAsync(directory, copies[1], inside);
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest($"ou=moved,{EdgeLayout.Configuration}", "ou=recipients", true, EdgeLayout.Suffix)));
        await copies[1].RefreshAsync(directory.Controlled);
        await AssertSameAsync(directory, copies[1], inside);
    }

    [Fact]
    public async Task Cookie_older_than_what_is_remembered_still_leads_to_the_same_content()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxRememberedDeletes = 10 });
        await directory.System.BatchAsync([.. Enumerable.Range(0, 50).Select(i => Recipient($"r{i}"))]);
        SearchRequest request = Request("(objectClass=posternRecipient)");
        ContentCopy copy = new(request);
        await copy.RefreshAsync(directory.Controlled);
        await directory.System.BatchAsync([.. Enumerable.Range(0, 11).Select(i => new DelRequest($"cn=r{i},{Recipients}"))]);
        await Ok(directory.System.AddAsync(Recipient("new")));
        await copy.RefreshAsync(directory.Controlled);
        Assert.Equal((1, 1), (copy.States.Count, copy.IdSets)); // the unchanged ones only by their UUIDs
        await AssertSameAsync(directory, copy, request);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("rid=001,csn=20260101000000.000000Z#abcdef#000#123456")]
    [InlineData("rid=001,csn=29990101000000.000000Z#instance#000#instance")]
    [InlineData("csn=20260101000000.000000Z#000000#001#000000;csn=;;#")]
    public async Task Cookie_of_another_directory_or_time_is_as_good_as_none(string cookie)
    {
        await using TestDirectory directory = await CreateAsync();
        SearchRequest request = Request();
        ContentCopy copy = new(request);
        await copy.RefreshAsync(directory.Controlled);
        string own = System.Text.Encoding.ASCII.GetString(copy.Cookie!.Value.Span);
        copy.Cookie = System.Text.Encoding.ASCII.GetBytes(
            cookie.Replace("#instance#000#instance", own[own.IndexOf('#', StringComparison.Ordinal)..], StringComparison.Ordinal));
        await Ok(directory.System.DeleteAsync(new DelRequest(Recipients)));
        Assert.True((await copy.RefreshAsync(directory.Controlled, reloadHint: true)).Result.IsSuccess);
        Assert.Equal(5, copy.States.Count);
        await AssertSameAsync(directory, copy, request);
    }

    [Fact]
    public async Task Restored_directory_is_another_one_to_its_consumers()
    {
        await using TestDirectory directory = await CreateAsync();
        SearchRequest request = Request();
        ContentCopy copy = new(request);
        await copy.RefreshAsync(directory.Controlled);
        await directory.Engine.DisposeAsync();
        using (Database database = Database.Open(directory.Path, readOnly: false))
        {
            StoreInstance.Renew(database);
        }

        await directory.ReopenAsync();
        await copy.RefreshAsync(directory.Controlled);
        Assert.Equal(6, copy.States.Count);
        await AssertSameAsync(directory, copy, request);
    }

    [Fact]
    public async Task Persist_stage_tells_each_change_as_it_comes()
    {
        await using TestDirectory directory = await CreateAsync();
        SearchRequest request = Request("(|(posternSource=corp)(cn=keep))");
        ContentCopy copy = new(request);
        using CancellationTokenSource stop = new();
        Task<LdapAnswer> search = copy.PersistAsync(directory.Controlled, stop.Token);
        Assert.IsType<SyncRefreshPresent>(await copy.NextCookieAsync());
        await StepAsync(directory.System.AddAsync(Recipient("x")), SyncEntryState.Add);
        await StepAsync(directory.System.ModifyAsync(new ModifyRequest($"cn=x,{Recipients}", Replace("description;lang-en", []))), SyncEntryState.Modify);
        await StepAsync(directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=x,{Recipients}", "cn=y", true)), SyncEntryState.Modify);
        await StepAsync(directory.System.ModifyAsync(new ModifyRequest($"cn=y,{Recipients}", Replace("posternSource", "other"))), SyncEntryState.Delete);
        await StepAsync(directory.System.ModifyAsync(new ModifyRequest($"cn=y,{Recipients}", Replace("posternSource", "corp"))), SyncEntryState.Add);
        await StepAsync(directory.System.ModifyAsync(new ModifyRequest($"cn=y,{Recipients}", Replace("posternSource", "corp"))), SyncEntryState.Modify);
        await StepAsync(directory.System.DeleteAsync(new DelRequest($"cn=y,{Recipients}")), SyncEntryState.Delete);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);
        await Ok(directory.System.AddAsync(Recipient("later")));
        await copy.RefreshAsync(directory.Controlled);
        Assert.Equal([SyncEntryState.Add], copy.States);
        await AssertSameAsync(directory, copy, request);

        async Task StepAsync(Task<LdapResult> update, SyncEntryState state)
        {
            await Ok(update);
            Assert.IsType<SyncNewCookie>(await copy.NextCookieAsync());
            Assert.Equal(state, copy.States[^1]);
            await AssertSameAsync(directory, copy, request);
        }
    }

    [Fact]
    public async Task Base_that_becomes_another_entry_ends_the_persist_stage()
    {
        await using TestDirectory directory = await CreateAsync();
        ContentCopy copy = new(Request(baseDn: EdgeLayout.Recipients));
        Task<LdapAnswer> search = copy.PersistAsync(directory.Controlled, CancellationToken.None);
        await copy.NextCookieAsync();
        await directory.System.BatchAsync(
            [new DelRequest(EdgeLayout.Recipients), new AddRequest(EdgeLayout.Recipients, new LdapAttribute("objectClass", "organizationalUnit"))]);
        Assert.Equal(LdapResultCode.SyncRefreshRequired, (await search).Result.Code);
    }

    [Fact]
    public async Task Time_limit_ends_the_refresh_and_not_the_persist_stage()
    {
        ManualTimeProvider time = new();
        await using TestDirectory directory = await CreateAsync(time: time);
        SearchRequest request = Request() with { TimeLimit = 5 };
        ContentCopy copy = new(request);
        using CancellationTokenSource stop = new();
        Task<LdapAnswer> search = copy.PersistAsync(directory.Controlled, stop.Token);
        await copy.NextCookieAsync();
        time.Advance(TimeSpan.FromSeconds(6));
        await Ok(directory.System.AddAsync(Recipient("x")));
        Assert.IsType<SyncNewCookie>(await copy.NextCookieAsync());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);

        await directory.System.BatchAsync([.. Enumerable.Range(0, 600).Select(i => Recipient($"r{i}"))]);
        LdapControl sync = SyncControls.Create(new SyncRequest(SyncMode.RefreshOnly, null, ReloadHint: false), critical: true);
        LdapAnswer slow = await directory.Controlled.SearchAsync(request, [sync], new SlowSink(time), CancellationToken.None);
        Assert.Equal(LdapResultCode.TimeLimitExceeded, slow.Result.Code);
    }

    [Fact]
    public async Task Closing_directory_ends_the_persist_stage()
    {
        await using TestDirectory directory = await CreateAsync();
        ContentCopy copy = new(Request());
        Task<LdapAnswer> search = copy.PersistAsync(directory.Controlled, CancellationToken.None);
        await copy.NextCookieAsync();
        await directory.ReopenAsync();
        Assert.Equal(LdapResultCode.Unavailable, (await search).Result.Code);
    }

    [Fact]
    public async Task Consumer_is_told_nothing_of_what_it_may_not_read()
    {
        await using TestDirectory directory = await CreateAsync(policy: new RecipientsOnly());
        SearchRequest request = Request(baseDn: Recipients);
        IControlledDirectory lookup = directory.Engine.As(new Principal("lookup", DirectoryRole.Lookup));
        ContentCopy copy = new(request);
        await Ok(directory.System.AddAsync(Recipient("secret1")));
        await Ok(directory.System.AddAsync(Recipient("open1")));
        await copy.RefreshAsync(lookup);
        await Ok(directory.System.AddAsync(Recipient("secret2")));
        await Ok(directory.System.ModifyAsync(new ModifyRequest($"cn=secret1,{Recipients}", Replace("posternSource", "x"))));
        await Ok(directory.System.DeleteAsync(new DelRequest($"cn=secret1,{Recipients}")));
        await copy.RefreshAsync(lookup);
        Assert.Equal((0, 0), (copy.States.Count, copy.IdSets));
        Assert.Equal(2, copy.Entries.Count);
        Assert.All(copy.Entries.Values, e => Assert.Null(e.Find("posternSource")));
        Assert.Equal(await ExpectedAsync(lookup, request), copy.Content);
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=open1,{Recipients}", "cn=secret3", true)));
        await copy.RefreshAsync(lookup);
        Assert.Single(copy.Entries);
        ContentCopy forbidden = new(Request(baseDn: EdgeLayout.Accounts));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await forbidden.RefreshAsync(lookup)).Result.Code);
    }

    [Fact]
    public async Task Persist_ends_with_the_commit_that_ends_its_identity()
    {
        await using TestDirectory directory = await CreateAsync();
        LdapResult? ended = null;
        Principal consumer = new("consumer", DirectoryRole.System) { Refusal = () => Volatile.Read(ref ended) };
        ContentCopy copy = new(Request(baseDn: Recipients));
        Task<LdapAnswer> persist = copy.PersistAsync(directory.Engine.As(consumer), CancellationToken.None);
        await copy.NextCookieAsync();
        await Ok(directory.System.AddAsync(Recipient("before")));
        await copy.NextCookieAsync();
        Volatile.Write(ref ended, new LdapResult(LdapResultCode.InsufficientAccessRights, "it has ended"));
        await Ok(directory.System.AddAsync(Recipient("after")));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await persist).Result.Code);
        Assert.Contains(copy.Entries.Values, e => e.Dn.Contains("before", StringComparison.Ordinal));
        Assert.DoesNotContain(copy.Entries.Values, e => e.Dn.Contains("after", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sync_requests_that_cannot_be_are_refused()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxSynchronizations = 1 });
        Assert.Equal(LdapResultCode.ProtocolError, (await new ContentCopy(Request() with { DerefAliases = DerefAliases.Always }).RefreshAsync(directory.Controlled)).Result.Code);
        Assert.Equal(LdapResultCode.UnwillingToPerform, (await new ContentCopy(Request(baseDn: "", scope: SearchScope.BaseObject)).RefreshAsync(directory.Controlled)).Result.Code);
        Assert.Equal(LdapResultCode.NoSuchObject, (await new ContentCopy(Request(baseDn: "ou=none,o=edge")).RefreshAsync(directory.Controlled)).Result.Code);
        Assert.Equal(LdapResultCode.SizeLimitExceeded, (await new ContentCopy(Request() with { SizeLimit = 2 }).RefreshAsync(directory.Controlled)).Result.Code);
        LdapControl sync = SyncControls.Create(new SyncRequest(SyncMode.RefreshOnly, null, false), critical: true);
        ContentCopy sink = new(Request());
        foreach (LdapControl other in new[] { PagedResultsControl.Create(10, default, critical: true), sync })
        {
            Assert.False((await directory.Controlled.SearchAsync(Request(), [sync, other], sink, CancellationToken.None)).Result.IsSuccess);
        }

        using CancellationTokenSource stop = new();
        Task<LdapAnswer> first = sink.PersistAsync(directory.Controlled, stop.Token);
        await sink.NextCookieAsync();
        Assert.Equal(LdapResultCode.Busy, (await new ContentCopy(Request()).RefreshAsync(directory.Controlled)).Result.Code);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True((await new ContentCopy(Request()).RefreshAsync(directory.Controlled)).Result.IsSuccess);
    }

    /// <summary>Reads recipients that are not secret, without their source.</summary>
    private sealed class RecipientsOnly : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) =>
            normalizedDn.EndsWith(Recipients, StringComparison.Ordinal) && !normalizedDn.Contains("cn=secret", StringComparison.Ordinal);

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => false;

        public bool MayReadAttribute(Principal principal, string attribute) => attribute != "posternSource";
    }

    /// <summary>Takes a second for each entry.</summary>
    private sealed class SlowSink(ManualTimeProvider time) : ISearchSink
    {
        public ValueTask EntryAsync(LdapEntry entry, IReadOnlyList<LdapControl> controls)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return ValueTask.CompletedTask;
        }

        public ValueTask IntermediateAsync(IntermediateResponse response) => ValueTask.CompletedTask;
    }
}
