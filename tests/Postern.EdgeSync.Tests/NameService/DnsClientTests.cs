using System.Net;
using Postern.EdgeSync.NameService;

namespace Postern.EdgeSync.Tests.NameService;

[Trait("RFC", "1035")]
[Trait("RFC", "2782")]
public sealed class DnsClientTests
{
    private const string Name = "_ldap._tcp.lab.example";

    [Fact]
    public async Task Records_are_found()
    {
        await using DnsResponder server = DnsResponder.Of((10, 5, 389, "dc1.lab.example"), (20, 0, 3389, "dc2.lab.example"));

        IReadOnlyList<SrvRecord> records = await ClientOf(server).FindAsync(Name, CancellationToken.None);

        Assert.Equal([new SrvRecord(10, 5, 389, "dc1.lab.example"), new SrvRecord(20, 0, 3389, "dc2.lab.example")], records);
    }

    [Fact]
    public async Task Answer_that_is_cut_short_is_asked_for_by_tcp()
    {
        await using DnsResponder server = DnsResponder.Start((query, tcp) =>
            [tcp ? DnsResponder.Answer(query, 0x8180, (0, 0, 389, "dc1.lab.example")) : DnsResponder.Answer(query, 0x8380)]);

        Assert.Equal("dc1.lab.example", Assert.Single(await ClientOf(server).FindAsync(Name, CancellationToken.None)).Target);
    }

    [Fact]
    public async Task Name_that_does_not_exist_has_no_records()
    {
        await using DnsResponder server = DnsResponder.Start((query, _) => [DnsResponder.Answer(query, 0x8183)]);

        Assert.Empty(await ClientOf(server).FindAsync(Name, CancellationToken.None));
    }

    [Fact]
    public async Task Answers_to_other_questions_are_not_believed()
    {
        await using DnsResponder server = DnsResponder.Start((query, _) =>
        {
            byte[] forged = DnsResponder.Answer(query, 0x8180, (0, 0, 389, "evil.example"));
            forged[0] ^= 1;
            byte[] other = DnsResponder.Answer(query, 0x8180, (0, 0, 389, "evil.example"));
            other[13] ^= 1;
            return [forged, other, [1, 2, 3], DnsResponder.Answer(query, 0x8180, (0, 0, 389, "dc1.lab.example"))];
        });

        Assert.Equal("dc1.lab.example", Assert.Single(await ClientOf(server).FindAsync(Name, CancellationToken.None)).Target);
    }

    [Fact]
    public async Task Refusing_server_is_passed_over_and_named_when_it_is_the_last()
    {
        await using DnsResponder refusing = DnsResponder.Start((query, _) => [DnsResponder.Answer(query, 0x8185)]);
        await using DnsResponder answering = DnsResponder.Of((0, 0, 389, "dc1.lab.example"));

        Assert.Single(await ClientOf(refusing, answering).FindAsync(Name, CancellationToken.None));
        DnsException failure = await Assert.ThrowsAsync<DnsException>(() => ClientOf(refusing).FindAsync(Name, CancellationToken.None));

        Assert.Contains(refusing.EndPoint.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("code 5", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_and_damage_of_an_answer_is_refused_or_read()
    {
        byte[] query = DnsMessage.EncodeQuery(7, Name);
        byte[] answer = DnsResponder.Answer(query, 0x8180, (1, 2, 3, "dc1.lab.example"), (4, 5, 6, "dc2.lab.example"));
        Random random = new(1);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] damaged = answer[..(i < answer.Length ? i : answer.Length)];
            if (i >= answer.Length)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                DnsMessage.DecodeAnswer(damaged, query);
            }
            catch (Exception e) when (e is FormatException or DnsException)
            {
                // As it should be.
            }
        }
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("a.0123456789012345678901234567890123456789012345678901234567890123.b")]
    public void Names_that_dns_cannot_carry_are_refused(string name) => Assert.Throws<FormatException>(() => DnsMessage.EncodeQuery(1, name));

    [Fact]
    public void Resolver_file_names_the_servers()
    {
        Assert.Equal(
            [new IPEndPoint(IPAddress.Parse("10.0.0.1"), 53), new IPEndPoint(IPAddress.Parse("fd00::1"), 53)],
            DnsClient.ServersOf(["# nameserver 1.1.1.1", "nameserver 10.0.0.1", "search lab.example", "nameserver\tfd00::1", "nameserver junk"]));
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 53)], DnsClient.ServersOf([]));
    }

    [Fact]
    public void Order_is_by_priority_and_by_chance_in_proportion_to_the_weight()
    {
        SrvRecord[] records = [new(2, 0, 1, "late"), new(1, 90, 1, "heavy"), new(1, 10, 1, "light"), new(1, 0, 1, "never"), new(0, 0, 1, "")];
        Random random = new(1);
        int heavyFirst = 0;
        for (int i = 0; i < 1000; i++)
        {
            IReadOnlyList<SrvRecord> ordered = SrvRecord.InOrder(records, random);
            Assert.Equal(4, ordered.Count);
            Assert.Equal("late", ordered[3].Target);
            heavyFirst += ordered[0].Target == "heavy" ? 1 : 0;
        }

        Assert.InRange(heavyFirst, 850, 930);
    }

    private static DnsClient ClientOf(params DnsResponder[] servers) => new([.. servers.Select(server => server.EndPoint)], TimeProvider.System);
}
