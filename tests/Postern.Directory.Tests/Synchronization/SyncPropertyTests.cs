using Postern.Ldap;
using Postern.Mail;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

/// <summary>Whatever happens to the tree, in whatever order, and however seldom a consumer asks: it ends with the entries that a search finds.</summary>
[Trait("RFC", "4533")]
public sealed class SyncPropertyTests
{
    private const int Rounds = 40;
    private const int MaxStepsPerRound = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly SearchRequest[] Requests =
    [
        new("o=edge", SearchScope.WholeSubtree, Filter.Anything, ["*", "entryUUID"]),
        new("o=edge", SearchScope.WholeSubtree, Filter.Parse("(posternSource=a)"), ["*", "entryUUID"]),
        new(EdgeLayout.Configuration, SearchScope.WholeSubtree, Filter.Parse("(!(cn=n3))"), ["*", "entryUUID"]),
        new(EdgeLayout.Configuration, SearchScope.SingleLevel, Filter.Anything, ["*", "entryUUID"]),
        new(EdgeLayout.Configuration, SearchScope.BaseObject, Filter.Parse("(description=*)"), ["*", "entryUUID"]),
        new("o=edge", SearchScope.WholeSubtree, Filter.Parse("(cn=n1*)"), ["*", "entryUUID"]),
    ];

    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(2, 100_000)]
    [InlineData(3, 5)]
    [InlineData(4, 0)]
    public async Task Copies_equal_the_directory_after_any_changes(int seed, int remembered)
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxRememberedDeletes = remembered });
        Random random = new(seed);
        ContentCopy[] polling = [.. Requests.Select(r => new ContentCopy(r))];
        ContentCopy[] persisting = [.. Requests.Select(r => new ContentCopy(r))];
        using CancellationTokenSource stop = new();
        Task[] searches = [.. persisting.Select(c => c.PersistAsync(directory.Controlled, stop.Token))];
        await Task.WhenAll(persisting.Select(c => c.NextCookieAsync()));
        for (int round = 0; round < Rounds; round++)
        {
            for (int step = random.Next(MaxStepsPerRound); step >= 0; step--)
            {
                await directory.Controlled.UpdateAsync(await NextAsync(directory, random), TreeDeleteOften(random), CancellationToken.None);
            }

            for (int i = 0; i < Requests.Length; i++)
            {
                if (random.Next(3) == 0 || round == Rounds - 1)
                {
                    (await polling[i].RefreshAsync(directory.Controlled)).Result.ThrowIfFailed($"seed {seed}, round {round}, request {i}");
                    Assert.Equal(await ExpectedAsync(directory, Requests[i]), polling[i].Content);
                }
            }
        }

        // Changes that all of them see, after which they have seen all others. Where little is remembered, some were sent away instead.
        if (remembered > 1000)
        {
            await Ok(directory.System.ModifyAsync(new ModifyRequest(
                EdgeLayout.Configuration, new Modification(ModificationType.Replace, new LdapAttribute("description", "the end", "a")))));
            await Ok(directory.System.AddAsync(new AddRequest(
                $"cn=n1-end,{EdgeLayout.Configuration}", new LdapAttribute("objectClass", "posternRecipient"), new LdapAttribute("posternSource", "a"))));
            for (int i = 0; i < Requests.Length; i++)
            {
                string[] expected = [.. await ExpectedAsync(directory, Requests[i])];
                while (!expected.SequenceEqual(persisting[i].Content))
                {
                    Task<SyncInfo> cookie = persisting[i].NextCookieAsync();
                    Assert.True(
                        await Task.WhenAny(cookie, Task.Delay(Patience)) == cookie,
                        $"request {i} never got there:\n{string.Join('\n', expected.Except(persisting[i].Content))}\n--\n{string.Join('\n', persisting[i].Content.Except(expected))}");
                }
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(searches.Select(s => s.ContinueWith(_ => { }, TaskScheduler.Default)));
    }

    private static LdapControl[] TreeDeleteOften(Random random) =>
        random.Next(2) == 0 ? [] : [new LdapControl(LdapOids.TreeDelete, Critical: false, null)];

    private static async Task<IUpdateOperation> NextAsync(TestDirectory directory, Random random)
    {
        List<LdapEntry> all = await directory.SearchAsync("(|(objectClass=posternRecipient)(objectClass=organizationalUnit))");
        string any = all[random.Next(all.Count)].Dn;
        string recipient = all.FindAll(e => e.Dn.StartsWith("cn=", StringComparison.Ordinal)) is { Count: > 0 } some ? some[random.Next(some.Count)].Dn : any;
        string name = $"n{random.Next(30)}";
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                return new AddRequest($"cn={name},{any}", new LdapAttribute("objectClass", "posternRecipient"), new LdapAttribute("posternSource", random.Next(2) == 0 ? "a" : "b"));
            case 3 or 4:
                return new ModifyRequest(recipient, new Modification(ModificationType.Replace, new LdapAttribute("posternSource", random.Next(2) == 0 ? "a" : "b")));
            case 5:
                return new ModifyRequest(EdgeLayout.Configuration, new Modification(ModificationType.Replace, new LdapAttribute("description", random.Next(2) == 0 ? [] : [name])));
            case 6:
                return new ModifyDnRequest(recipient, $"cn={name}", true);
            case 7:
                // The base of some searches stays where it is.
                return new ModifyDnRequest(
                    recipient, recipient.Split(',')[0], true, random.Next(2) == 0 ? EdgeLayout.Configuration : any);
            default:
                return new DelRequest(recipient);
        }
    }

    private static async Task<IEnumerable<string>> ExpectedAsync(TestDirectory directory, SearchRequest request)
    {
        List<string> lines = [];
        await foreach (LdapEntry entry in directory.System.SearchAsync(request))
        {
            lines.Add(ContentCopy.Line(Guid.Parse(entry.FirstString("entryUUID")!), entry));
        }

        return lines.Order(StringComparer.Ordinal);
    }
}
