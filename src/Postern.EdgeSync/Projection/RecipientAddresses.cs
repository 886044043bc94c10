using System.Text;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>The distinct addresses of one entry in normal form, and what is wrong with others.</summary>
internal sealed class RecipientAddresses
{
    private const string SmtpPrefix = "smtp:";

    private readonly List<ReadOnlyMemory<byte>> _written = [];
    private readonly List<string> _normal = [];

    public List<string> Normal => _normal;

    /// <summary>What is wrong with the last malformed one; never the address. Null: all are well.</summary>
    public string? Fault { get; private set; }

    public void Clear()
    {
        _written.Clear();
        _normal.Clear();
        Fault = null;
    }

    public void Add(LdapAttribute attribute)
    {
        for (int i = 0; i < attribute.Values.Count; i++)
        {
            Add(attribute.Values[i]);
        }
    }

    private void Add(ReadOnlyMemory<byte> value)
    {
        // mail repeats an address of proxyAddresses nearly always: comparing octets is far cheaper than reading it again.
        ReadOnlyMemory<byte> bare = StripType(value);
        foreach (ReadOnlyMemory<byte> seen in _written)
        {
            if (seen.Span.SequenceEqual(bare.Span))
            {
                return;
            }
        }

        _written.Add(bare);
        string text = Encoding.UTF8.GetString(value.Span);
        if (MailAddress.TryNormalize(text, out string normalized, out string? error))
        {
            if (!_normal.Contains(normalized))
            {
                _normal.Add(normalized);
            }
        }
        else if (!MailAddress.IsOfOtherType(text))
        {
            Fault = error;
        }
    }

    private static ReadOnlyMemory<byte> StripType(ReadOnlyMemory<byte> value) =>
        value.Length > SmtpPrefix.Length && Ascii.EqualsIgnoreCase(value.Span[..SmtpPrefix.Length], SmtpPrefix) ? value[SmtpPrefix.Length..] : value;
}
