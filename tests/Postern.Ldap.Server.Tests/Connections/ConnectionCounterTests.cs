using System.Net;
using Postern.Ldap.Server.Connections;

namespace Postern.Ldap.Server.Tests.Connections;

public class ConnectionCounterTests
{
    [Fact]
    public void Counter_stops_at_both_limits_and_frees_places()
    {
        ConnectionCounter counter = new(maxConnections: 3, maxPerAddress: 2);
        IPAddress a = IPAddress.Parse("192.0.2.1");
        IPAddress b = IPAddress.Parse("192.0.2.2");
        Assert.Null(counter.TryEnter(a));
        Assert.Null(counter.TryEnter(a.MapToIPv6())); // the same host, seen through a dual-stack socket
        Assert.Contains("your address", counter.TryEnter(a), StringComparison.Ordinal);
        Assert.Null(counter.TryEnter(b));
        Assert.Contains("3 connections", counter.TryEnter(b), StringComparison.Ordinal);
        counter.Leave(a);
        Assert.Null(counter.TryEnter(b));
        Assert.Equal(3, counter.Count);
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Addresses_of_one_host_count_together(string first, string second, bool together) =>
        Assert.Equal(together, ConnectionCounter.Key(IPAddress.Parse(first)).Equals(ConnectionCounter.Key(IPAddress.Parse(second))));
}
