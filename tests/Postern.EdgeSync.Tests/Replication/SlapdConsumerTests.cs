using Postern.Ldap;
using Postern.Testing;
using static Postern.EdgeSync.Tests.Replication.ProviderHost;

namespace Postern.EdgeSync.Tests.Replication;

/// <summary>An independent consumer: slapd's syncrepl must end with our entries, whatever happens to them or to either end.</summary>
[Trait("RFC", "4533")]
public sealed class SlapdConsumerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    [SkippableTheory]
    [InlineData("refreshOnly")]
    [InlineData("refreshAndPersist")]
    public async Task Slapd_holds_what_the_provider_holds(string type)
    {
        Peers.Require("slapd");
        Peers.Require("ldap-utils");
        await using ProviderHost provider = await StartAsync();
        await provider.Directory.BatchAsync([.. Enumerable.Range(0, 300).Select(i => Person($"p{i}"))]);
        await using SlapdConsumer consumer = new(provider.Url, type);
        await consumer.StartAsync();
        await SameAsync(provider, consumer, "first refresh");

        await provider.Ok(Person("new"));
        await provider.Ok(new ModifyRequest($"cn=p1,{People}", new Modification(ModificationType.Replace, new LdapAttribute("sn", "Else", "Other"))));
        await provider.Ok(new DelRequest($"cn=p2,{People}"));
        await provider.Ok(new ModifyDnRequest($"cn=p3,{People}", "cn=renamed", true));
        await provider.Ok(new ModifyDnRequest($"cn=p4,{People}", "cn=p4", true, "ou=former,o=edge"));
        await SameAsync(provider, consumer, "changes");

        await provider.Ok(new ModifyDnRequest(People, "ou=staff", true));
        await provider.Ok(Person("p2", "ou=staff,o=edge"));
        await SameAsync(provider, consumer, "renamed subtree");

        await provider.StopAsync();
        await provider.StartAgainAsync();
        await provider.Ok(new DelRequest("cn=p5,ou=staff,o=edge"));
        await provider.Ok(Person("after", "ou=staff,o=edge"));
        await SameAsync(provider, consumer, "provider started anew");

        await consumer.StopAsync();
        await provider.Ok(new DelRequest("cn=p6,ou=staff,o=edge"));
        await provider.Ok(new ModifyRequest("cn=p7,ou=staff,o=edge", new Modification(ModificationType.Delete, new LdapAttribute("mail", Array.Empty<string>()))));
        await consumer.StartAsync();
        await SameAsync(provider, consumer, "consumer started anew");

        await consumer.StopAsync();
        await provider.Directory.BatchAsync([.. Enumerable.Range(100, 50).Select(i => new DelRequest($"cn=p{i},ou=staff,o=edge"))]);
        await provider.Ok(Person("late", "ou=staff,o=edge"));
        await consumer.StartAsync();
        await SameAsync(provider, consumer, "more deletes than the provider remembers");
    }

    [SkippableFact]
    public async Task Ldapsearch_synchronizes_once_and_listens()
    {
        Peers.Require("ldap-utils");
        await using ProviderHost provider = await StartAsync();
        CommandResult once = await provider.Tools.RunAsync("ldapsearch", "", "-E", "!sync=ro", "-b", Suffix, "(objectClass=organizationalUnit)", "ou");
        Assert.True(once.ExitCode == 0, once.ToString());
        Assert.Equal(2, once.Output.Split("# SyncState control").Length - 1);
        Assert.Contains("SyncDone", once.Output, StringComparison.Ordinal);
        Task<CommandResult> listening = provider.Tools.RunAsync("ldapsearch", "", "-E", "!sync=rp//1", "-b", Suffix, "(objectClass=person)", "cn");
        for (int i = 0; !listening.IsCompleted; i++)
        {
            await provider.Ok(Person($"x{i}"));
            await Task.WhenAny(listening, Task.Delay(BetweenLooks));
        }

        Assert.Contains("SyncInfo", (await listening).Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("dn: cn=x", (await listening).Output, StringComparison.Ordinal);
    }

    private static async Task SameAsync(ProviderHost provider, SlapdConsumer consumer, string when)
    {
        IReadOnlyList<string> expected = await ReadAsync(provider.Tools);
        IReadOnlyList<string> actual = [];
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Environment.TickCount64 < end;)
        {
            actual = await ReadAsync(consumer.Tools);
            if (actual.SequenceEqual(expected))
            {
                return;
            }

            await Task.Delay(BetweenLooks);
        }

        Assert.Fail($"{when}: slapd lacks\n{string.Join('\n', expected.Except(actual).Take(5))}\nand has too much\n{string.Join('\n', actual.Except(expected).Take(5))}\n{Tail(consumer.Log)}");
    }

    /// <summary>Entries, each as one line of its sorted lines.</summary>
    private static async Task<IReadOnlyList<string>> ReadAsync(OpenLdapTools tools)
    {
        CommandResult found = await tools.SearchAsync("-b", Suffix, "(objectClass=*)", "*", "entryUUID");
        return [.. found.Output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => string.Join(" | ", entry.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal)];
    }

    private static string Tail(string log) => log.Length > 4000 ? log[^4000..] : log;
}
