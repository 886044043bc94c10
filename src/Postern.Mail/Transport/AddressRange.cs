using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Postern.Mail;

/// <summary>IP addresses: one, a network (<c>192.0.2.0/24</c>), or from one to another (<c>192.0.2.1-192.0.2.9</c>), both included.</summary>
/// <param name="Text">Normal form.</param>
public sealed record AddressRange(string Text, IPAddress First, IPAddress Last)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressRange? range, [NotNullWhen(false)] out string? error)
    {
        range = null;
        string rest = text.Trim();
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        int hyphen = rest.IndexOf('-', StringComparison.Ordinal);
        if (slash >= 0)
        {
            return TryParseNetwork(rest, slash, out range, out error);
        }

        if (hyphen >= 0)
        {
            return TryParseSpan(rest, hyphen, out range, out error);
        }

        bool good = TryReadAddress(rest, out IPAddress? only);
        error = good ? null : NotOne(text);
        range = good ? new AddressRange(only!.ToString(), only, only) : null;
        return good;
    }

    public bool Contains(IPAddress address)
    {
        byte[] asked = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        return asked.Length == First.GetAddressBytes().Length
            && asked.AsSpan().SequenceCompareTo(First.GetAddressBytes()) >= 0
            && asked.AsSpan().SequenceCompareTo(Last.GetAddressBytes()) <= 0;
    }

    public override string ToString() => Text;

    private static bool TryParseNetwork(string text, int slash, [NotNullWhen(true)] out AddressRange? range, [NotNullWhen(false)] out string? error)
    {
        range = null;
        if (!TryReadAddress(text[..slash], out IPAddress? address)
            || !int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int bits)
            || bits > address.GetAddressBytes().Length * 8)
        {
            error = NotOne(text);
            return false;
        }

        byte[] first = address.GetAddressBytes();
        byte[] last = address.GetAddressBytes();
        for (int bit = bits; bit < first.Length * 8; bit++)
        {
            first[bit / 8] &= (byte)~(0x80 >> (bit % 8));
            last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        if (!first.AsSpan().SequenceEqual(address.GetAddressBytes()))
        {
            error = $"'{text}' is not a network: the network of that address is {new IPAddress(first)}/{bits}";
            return false;
        }

        error = null;
        range = new AddressRange($"{address}/{bits}", address, new IPAddress(last));
        return true;
    }

    private static bool TryParseSpan(string text, int hyphen, [NotNullWhen(true)] out AddressRange? range, [NotNullWhen(false)] out string? error)
    {
        range = null;
        error = null;
        if (!TryReadAddress(text[..hyphen].Trim(), out IPAddress? first) || !TryReadAddress(text[(hyphen + 1)..].Trim(), out IPAddress? last)
            || first.AddressFamily != last.AddressFamily)
        {
            error = NotOne(text);
        }
        else if (first.GetAddressBytes().AsSpan().SequenceCompareTo(last.GetAddressBytes()) > 0)
        {
            error = $"'{text}' begins after its end";
        }
        else
        {
            range = new AddressRange($"{first}-{last}", first, last);
        }

        return error is null;
    }

    /// <summary>Dotted with four numbers, or with colons: what else .NET reads as an address is more likely a slip.</summary>
    private static bool TryReadAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return (text.Contains(':', StringComparison.Ordinal) || text.Split('.').Length == 4)
            && !text.Contains('%', StringComparison.Ordinal)
            && IPAddress.TryParse(text, out address);
    }

    private static string NotOne(string text) => $"'{text}' is no address, no network such as 192.0.2.0/24, and no range such as 192.0.2.1-192.0.2.9";
}
