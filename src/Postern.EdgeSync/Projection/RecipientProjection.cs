using System.Buffers.Binary;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>
/// A recipient leaves the organization as the keyed hashes of its addresses, whether it takes mail from inside only, and what it wants
/// filtered; nothing else. Values of other address types (x500:, sip:, ...) are left out, and what is malformed is left out and said so.
/// </summary>
internal sealed class RecipientProjection : IProjection
{
    /// <summary>Version of the canonical form: number of hashes, the sorted hashes one after the other, flags and thresholds (4 octets), then each
    /// safelist with its length in front.</summary>
    private const int Form = 2;

    private const int NumberBytes = sizeof(int);

    private const byte NoThreshold = byte.MaxValue;

    private readonly RecipientMap _map;
    private readonly RecipientCondition _internalOnly;
    private readonly RecipientCondition _disabled;
    private readonly RecipientCondition _antispamBypass;
    private readonly RecipientRoles _roles;
    private readonly ExcludedSubtrees _excluded;
    private readonly ProjectedContent _content;
    private readonly RecipientAddresses _addresses = new();
    private readonly RecipientFiltering _filtering = new();
    private readonly AddressHasher _hasher;
    private AddressHash[] _hashes = new AddressHash[16];
    private int _count;
    private bool _isInternalOnly;

    public RecipientProjection(SourceSettings source, AddressHashKey key)
    {
        _map = source.Map;
        _internalOnly = new RecipientCondition(_map.InternalOnly);
        _disabled = new RecipientCondition(_map.Disabled);
        _antispamBypass = new RecipientCondition(_map.AntispamBypass);
        _roles = new RecipientRoles(_map, _internalOnly, _disabled, _antispamBypass);
        _excluded = new ExcludedSubtrees(source);
        _content = new ProjectedContent(SyncPart.Recipients, Form, source.Name);
        _hasher = new AddressHasher(key);
    }

    public SyncPart Part => SyncPart.Recipients;

    public UInt128 Digest { get; private set; }

    public ReadOnlySpan<AddressHash> Claims => _hashes.AsSpan(0, _count);

    public string Reason { get; private set; } = "";

    /// <summary>Whether the last entry takes mail from inside only.</summary>
    public bool IsInternalOnly => _isInternalOnly;

    public ProjectionVerdict Project(in SourceEntry source)
    {
        Reason = "";
        _count = 0;
        RecipientRole roles = Collect(source.Entry);
        if (IsExcluded(source.Entry) || _disabled.Holds(source.Entry, roles.HasFlag(RecipientRole.Disabled)))
        {
            return ProjectionVerdict.Skipped;
        }

        if (_addresses.Normal.Count == 0)
        {
            Reason = _addresses.Fault is null ? "" : $"no usable SMTP address; the last one: {_addresses.Fault}";
            return ProjectionVerdict.Skipped;
        }

        Reason = LeftOut();
        _isInternalOnly = _internalOnly.Holds(source.Entry, roles.HasFlag(RecipientRole.InternalOnly));
        _filtering.Bypass = _antispamBypass.Holds(source.Entry, roles.HasFlag(RecipientRole.AntispamBypass));
        Hash();
        Digest = _content.Digest(WriteCanonical());
        return ProjectionVerdict.Projected;
    }

    public IReadOnlyList<LdapAttribute> Attributes() => RecipientFiltering.ToAttributes(_isInternalOnly, _filtering);

    public void Dispose() => _hasher.Dispose();

    /// <summary>Whether the entry lies in a subtree that the settings leave out.</summary>
    public bool IsExcluded(LdapEntry entry) => _excluded.Contains(entry);

    /// <returns>All roles that occur.</returns>
    private RecipientRole Collect(LdapEntry entry)
    {
        _addresses.Clear();
        _filtering.Clear();
        RecipientRole all = RecipientRole.None;
        foreach (LdapAttribute attribute in entry.Attributes)
        {
            RecipientRole role = _roles[attribute.Description];
            all |= role;
            if ((role & RecipientRole.Address) != 0)
            {
                _addresses.Add(attribute);
            }

            if ((role & (RecipientRole.Safelist | RecipientRole.Scl)) != 0)
            {
                _filtering.Take(role, attribute, _map.MaxSafelistEntries);
            }
        }

        return all;
    }

    private string LeftOut() => (_addresses.Fault, _filtering.Fault) switch
    {
        (null, null) => "",
        ({ } address, null) => $"an address was left out: {address}",
        (null, { } filtering) => $"left out: {filtering}",
        ({ } address, { } filtering) => $"an address was left out: {address}; left out too: {filtering}",
    };

    private void Hash()
    {
        if (_hashes.Length < _addresses.Normal.Count)
        {
            _hashes = new AddressHash[_addresses.Normal.Count * 2];
        }

        Span<byte> octets = stackalloc byte[AddressHasher.HashBytes];
        foreach (string address in _addresses.Normal)
        {
            _hasher.Hash(address, octets);
            _hashes[_count++] = AddressHash.FromBytes(octets);
        }

        _hashes.AsSpan(0, _count).Sort();
    }

    /// <returns>The length of the form.</returns>
    private int WriteCanonical()
    {
        int length = NumberBytes + (_count * AddressHash.Bytes) + NumberBytes + _filtering.ListBytes + (_filtering.Lists.Length * NumberBytes);
        Span<byte> form = _content.Canonical(length);
        BinaryPrimitives.WriteInt32BigEndian(form, _count);
        form = form[NumberBytes..];
        for (int i = 0; i < _count; i++)
        {
            _hashes[i].CopyTo(form);
            form = form[AddressHash.Bytes..];
        }

        form[0] = (byte)((_isInternalOnly ? 1 : 0) | (_filtering.Bypass ? 2 : 0));
        for (int i = 0; i < _filtering.Thresholds.Length; i++)
        {
            form[1 + i] = (byte)(_filtering.Thresholds[i] ?? NoThreshold);
        }

        form = form[NumberBytes..];
        foreach (ReadOnlyMemory<byte> list in _filtering.Lists)
        {
            BinaryPrimitives.WriteInt32BigEndian(form, list.Length);
            list.Span.CopyTo(form[NumberBytes..]);
            form = form[(NumberBytes + list.Length)..];
        }

        return length;
    }
}
