using Postern.Testing;

namespace Postern.Ldap.Server.Tests.Operations;

public class SearchTests
{
    private static readonly SearchRequest Everybody = new("o=test", SearchScope.WholeSubtree, Filter.Anything, []);

    [Fact]
    public async Task Search_streams_many_entries_over_ldap_and_ldaps()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(5000));
        using TestClient plain = await server.ConnectAsync();
        Assert.Equal(5000, (await plain.SearchAsync(Everybody)).Entries.Count);
        using TestClient tls = await server.ConnectTlsAsync();
        Assert.Equal(5000, (await tls.SearchAsync(Everybody)).Entries.Count);
    }

    [Fact]
    public async Task Size_limit_is_kept_and_said()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(3));
        using TestClient client = await server.ConnectAsync();
        (List<LdapEntry> atLimit, LdapResult success) = await client.SearchAsync(Everybody with { SizeLimit = 3 });
        Assert.Equal((3, LdapResultCode.Success), (atLimit.Count, success.Code));
        (List<LdapEntry> above, LdapResult exceeded) = await client.SearchAsync(Everybody with { SizeLimit = 2 });
        Assert.Equal((2, LdapResultCode.SizeLimitExceeded), (above.Count, exceeded.Code));
    }

    [Fact]
    public async Task Types_only_has_no_values()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(1));
        using TestClient client = await server.ConnectAsync();
        LdapEntry entry = Assert.Single((await client.SearchAsync(Everybody with { TypesOnly = true })).Entries);
        Assert.Equal(["cn", "objectClass"], entry.Attributes.Select(a => a.Description));
        Assert.All(entry.Attributes, a => Assert.Empty(a.Values));
    }

    [Fact]
    public async Task Time_limit_ends_the_search_with_what_was_found()
    {
        ManualTimeProvider time = new();
        FakeDirectory directory = new() { OnSearch = (_, token) => Endless.After(new LdapEntry("cn=one,o=test", []), 1, token) };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory, time: time);
        using TestClient client = await server.ConnectAsync();
        int id = await client.SendAsync(Everybody with { TimeLimit = 5 });

        // The directory found one and goes on looking: the client has it already.
        Task<LdapMessage?> found = client.ReceiveAsync();
        await Eventually.EndsAsync(found, () => time.Advance(TimeSpan.FromMilliseconds(2)));
        Assert.IsType<SearchResultEntry>((await found)!.Operation);
        time.Advance(TimeSpan.FromSeconds(5));
        LdapMessage done = (await client.ReceiveAsync())!;
        Assert.Equal((id, LdapResultCode.TimeLimitExceeded), (done.MessageId, TestClient.ResultOf(done.Operation).Code));
    }

    [Fact]
    public async Task Abandon_stops_a_search_without_an_answer()
    {
        TaskCompletionSource ended = new();
        FakeDirectory directory = new() { OnSearch = (_, token) => Endless.Search(token, ended) };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectAsync();
        int id = await client.SendAsync(Everybody);
        await client.SendAsync(new AbandonRequest(id));
        await ended.Task.WaitAsync(TestClient.Patience);
        await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI)); // the next answer is not the search's
    }

    [Trait("RFC", "3909")]
    [Fact]
    public async Task Cancel_answers_the_search_and_then_itself()
    {
        FakeDirectory directory = new() { OnSearch = (_, token) => Endless.Search(token) };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectAsync();
        int search = await client.SendAsync(Everybody);
        int cancel = await client.SendAsync(new ExtendedRequest("1.3.6.1.1.8", new byte[] { 0x30, 3, 2, 1, (byte)search }));
        LdapMessage first = (await client.ReceiveAsync())!;
        LdapMessage second = (await client.ReceiveAsync())!;
        Assert.Equal((search, LdapResultCode.Canceled), (first.MessageId, TestClient.ResultOf(first.Operation).Code));
        Assert.Equal((cancel, LdapResultCode.Success), (second.MessageId, TestClient.ResultOf(second.Operation).Code));

        Assert.Equal(
            LdapResultCode.NoSuchOperation,
            (await client.ResultAsync(new ExtendedRequest("1.3.6.1.1.8", new byte[] { 0x30, 3, 2, 1, 99 }))).Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new ExtendedRequest("1.3.6.1.1.8", new byte[] { 1, 2 }))).Code);
    }

    [Fact]
    public async Task Refusal_of_the_directory_is_the_answer()
    {
        FakeDirectory directory = new() { OnSearch = (_, _) => throw new LdapException(new LdapResult(LdapResultCode.NoSuchObject, "nothing there", "o=test"), "search") };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectAsync();
        LdapResult result = (await client.SearchAsync(Everybody)).Result;
        Assert.Equal((LdapResultCode.NoSuchObject, "o=test", "nothing there"), (result.Code, result.MatchedDn, result.DiagnosticMessage));
    }

    [Fact]
    public async Task Fault_of_the_directory_is_other_and_is_logged()
    {
        FakeDirectory directory = new() { OnSearch = (_, _) => throw new InvalidDataException("page 17 is torn") };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new ServerSetup(directory) { ExpectErrors = true });
        using TestClient client = await server.ConnectAsync();
        LdapResult result = (await client.SearchAsync(Everybody)).Result;
        Assert.Equal(LdapResultCode.Other, result.Code);
        Assert.DoesNotContain("torn", result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Contains(server.Log.Lines, l => l.Exception?.Message.Contains("torn", StringComparison.Ordinal) == true);
        await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI)); // and the session lives
    }

    [Fact]
    public async Task Answers_of_concurrent_searches_are_whole_messages()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(500));
        using TestClient client = await server.ConnectAsync();
        Dictionary<int, int> entries = [];
        for (int i = 0; i < 20; i++)
        {
            entries[await client.SendAsync(Everybody)] = 0;
        }

        for (int done = 0; done < 20;)
        {
            LdapMessage message = (await client.ReceiveAsync())!;
            if (message.Operation is SearchResultEntry)
            {
                entries[message.MessageId]++;
            }
            else
            {
                done++;
            }
        }

        Assert.All(entries.Values, count => Assert.Equal(500, count));
    }
}
