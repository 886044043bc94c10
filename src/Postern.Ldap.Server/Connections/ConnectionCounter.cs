using System.Net;
using System.Net.Sockets;

namespace Postern.Ldap.Server.Connections;

/// <summary>Counts connections in all and per address. Safe to use from many threads.</summary>
internal sealed class ConnectionCounter(int maxConnections, int maxPerAddress)
{
    /// <summary>Octets of an IPv6 address that one host commonly owns (RFC 6177: a site gets at least a /64).</summary>
    private const int HostPrefixBytes = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private int _all;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all;
            }
        }
    }

    /// <returns>Null when counted, else why not, for the peer to read.</returns>
    public string? TryEnter(IPAddress address)
    {
        IPAddress key = Key(address);
        lock (_lock)
        {
            if (_all >= maxConnections)
            {
                return $"the server holds {maxConnections} connections, which is its limit: try again later";
            }

            int ofAddress = _perAddress.GetValueOrDefault(key);
            if (ofAddress >= maxPerAddress)
            {
                return $"{maxPerAddress} connections from your address are the limit: close some";
            }

            _all++;
            _perAddress[key] = ofAddress + 1;
            return null;
        }
    }

    public void Leave(IPAddress address)
    {
        IPAddress key = Key(address);
        lock (_lock)
        {
            _all--;
            int left = _perAddress[key] - 1;
            if (left == 0)
            {
                _perAddress.Remove(key); // or addresses seen once would stay for ever
            }
            else
            {
                _perAddress[key] = left;
            }
        }
    }

    internal static IPAddress Key(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }

        byte[] octets = address.GetAddressBytes();
        octets.AsSpan(HostPrefixBytes).Clear();
        return new IPAddress(octets);
    }
}
