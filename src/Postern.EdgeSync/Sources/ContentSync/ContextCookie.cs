using System.Text;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>The cookie of slapd's syncprov: <c>rid=000,sid=001,csn=A;B</c>, the newest change sequence number of each server (<c>contextCSN</c>).</summary>
/// <remarks>RFC 4533 section 2.1.2 makes cookies opaque, and those of other servers are treated so. slapd's are read because its messages of
/// the persist stage carry the number of their own change only: kept as they come, they would forget the other servers of a
/// multi-provider setup, and the next refresh would begin years ago.</remarks>
internal sealed class ContextCookie
{
    private readonly SortedDictionary<string, string> _numbers;

    private ContextCookie(SortedDictionary<string, string> numbers) => _numbers = numbers;

    /// <summary>What two cookies have in common that say the same. Opaque ones are compared octet by octet.</summary>
    public static string KeyOf(ReadOnlySpan<byte> cookie) => Parse(cookie) is { } own ? own.ToString() : Convert.ToHexString(cookie);

    /// <summary>Whether it is of the form that can be read.</summary>
    public static bool IsOwn(ReadOnlySpan<byte> cookie) => Parse(cookie) is not null;

    /// <summary>The oldest of its change sequence numbers: every change that it does not know of has a newer one. Null: it is not of the form that can be read.</summary>
    public static string? OldestOf(ReadOnlySpan<byte> cookie) => Parse(cookie)?._numbers.Values.Min(StringComparer.Ordinal);

    /// <summary>The state after a message with <paramref name="update"/> arrived at <paramref name="before"/>.</summary>
    public static byte[] Merge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> update)
    {
        if (Parse(before) is not { } old || Parse(update) is not { } now)
        {
            return update.ToArray();
        }

        foreach ((string server, string number) in now._numbers)
        {
            old.Note(server, number);
        }

        return Encoding.ASCII.GetBytes(old.ToString());
    }

    /// <summary>As slapd reads it.</summary>
    public override string ToString() => "rid=000,csn=" + string.Join(';', _numbers.Values);

    private static ContextCookie? Parse(ReadOnlySpan<byte> cookie)
    {
        string text = Encoding.Latin1.GetString(cookie);
        ContextCookie parsed = new(new SortedDictionary<string, string>(StringComparer.Ordinal));
        foreach (string part in text.Split(','))
        {
            const string csn = "csn=";
            if (part.StartsWith(csn, StringComparison.Ordinal))
            {
                foreach (string number in part[csn.Length..].Split(';'))
                {
                    // TIME#COUNT#SID#MOD
                    if (number.Split('#') is not [_, _, { } server, _])
                    {
                        return null;
                    }

                    parsed.Note(server, number);
                }
            }
            else if (!part.StartsWith("rid=", StringComparison.Ordinal) && !part.StartsWith("sid=", StringComparison.Ordinal) && !part.StartsWith("delcsn=", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return parsed._numbers.Count > 0 ? parsed : null;
    }

    private void Note(string server, string number)
    {
        // The form is made for comparison by octets.
        if (!_numbers.TryGetValue(server, out string? known) || string.CompareOrdinal(known, number) < 0)
        {
            _numbers[server] = number;
        }
    }
}
