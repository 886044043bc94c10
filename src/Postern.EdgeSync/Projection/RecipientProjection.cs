using System.Text;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>
/// A recipient leaves the organization as the keyed hashes of its addresses and nothing else. Addresses come from the attributes named
/// in the settings; values of other address types (x500:, sip:, ...) and malformed ones are left out.
/// </summary>
internal sealed class RecipientProjection(string sourceName, IReadOnlyList<string> addressAttributes, AddressHashKey key) : IProjection
{
    /// <summary>Version of the canonical form: the sorted hashes, one after the other.</summary>
    private const int Form = 1;

    private const string SmtpPrefix = "smtp:";

    private readonly ProjectedContent _content = new(SyncPart.Recipients, Form, sourceName);
    private readonly AddressHasher _hasher = new(key);
    private readonly List<ReadOnlyMemory<byte>> _written = [];
    private readonly List<string> _addresses = [];
    private AddressHash[] _hashes = new AddressHash[16];
    private int _count;
    private string? _fault;

    public SyncPart Part => SyncPart.Recipients;

    public UInt128 Digest { get; private set; }

    public ReadOnlySpan<AddressHash> Claims => _hashes.AsSpan(0, _count);

    public string Reason { get; private set; } = "";

    public ProjectionVerdict Project(in SourceEntry source)
    {
        Collect(source.Entry);
        _count = 0;
        if (_addresses.Count == 0)
        {
            Reason = _fault is null ? "" : $"no usable SMTP address; the last one: {_fault}";
            return ProjectionVerdict.Skipped;
        }

        Hash();
        int length = _count * AddressHash.Bytes;
        WriteHashes(_content.Canonical(length));
        Digest = _content.Digest(length);
        return ProjectionVerdict.Projected;
    }

    public IReadOnlyList<LdapAttribute> Attributes() => [];

    public void Dispose() => _hasher.Dispose();

    /// <summary>The distinct addresses of the entry in normal form.</summary>
    private void Collect(LdapEntry entry)
    {
        _addresses.Clear();
        _written.Clear();
        _fault = null;
        foreach (LdapAttribute attribute in entry.Attributes)
        {
            if (!IsAddressAttribute(attribute.Description))
            {
                continue;
            }

            for (int i = 0; i < attribute.Values.Count; i++)
            {
                Collect(attribute.Values[i]);
            }
        }
    }

    private void Collect(ReadOnlyMemory<byte> value)
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
        if (MailAddress.TryNormalize(Encoding.UTF8.GetString(value.Span), out string normalized, out string? error))
        {
            if (!_addresses.Contains(normalized))
            {
                _addresses.Add(normalized);
            }
        }
        else
        {
            _fault = error;
        }
    }

    private static ReadOnlyMemory<byte> StripType(ReadOnlyMemory<byte> value) =>
        value.Length > SmtpPrefix.Length && Ascii.EqualsIgnoreCase(value.Span[..SmtpPrefix.Length], SmtpPrefix) ? value[SmtpPrefix.Length..] : value;

    private bool IsAddressAttribute(string description)
    {
        for (int i = 0; i < addressAttributes.Count; i++)
        {
            // Servers answer with the name as it was asked for, nearly always, so equality is what is tried first inside.
            if (AttributeDescription.Matches(description, addressAttributes[i]))
            {
                return true;
            }
        }

        return false;
    }

    private void Hash()
    {
        if (_hashes.Length < _addresses.Count)
        {
            _hashes = new AddressHash[_addresses.Count * 2];
        }

        Span<byte> octets = stackalloc byte[AddressHasher.HashBytes];
        foreach (string address in _addresses)
        {
            _hasher.Hash(address, octets);
            _hashes[_count++] = AddressHash.FromBytes(octets);
        }

        _hashes.AsSpan(0, _count).Sort();
    }

    private void WriteHashes(Span<byte> destination)
    {
        for (int i = 0; i < _count; i++)
        {
            _hashes[i].CopyTo(destination[(i * AddressHash.Bytes)..]);
        }
    }
}
