using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>What every projected entry has beside its own content: class, cn, digest, source; and how the digest is made.</summary>
internal sealed class ProjectedContent
{
    private readonly LdapAttribute _objectClass;
    private readonly LdapAttribute _source;
    private readonly byte[] _preamble;
    private byte[] _canonical;

    /// <param name="form">Names class and version of the canonical form: another form, other digests, everything is sent again.</param>
    public ProjectedContent(string objectClass, int form, string sourceName)
    {
        _objectClass = new LdapAttribute("objectClass", objectClass);
        _source = new LdapAttribute(PosternAttributes.Source, sourceName);
        _preamble = Encoding.UTF8.GetBytes($"{objectClass} {form}\n{sourceName}\n");
        _canonical = [.. _preamble, .. new byte[1024]];
    }

    /// <summary>Room for the canonical content of one entry.</summary>
    public Span<byte> Canonical(int length)
    {
        if (_canonical.Length < _preamble.Length + length)
        {
            Array.Resize(ref _canonical, (_preamble.Length + length) * 2);
        }

        return _canonical.AsSpan(_preamble.Length, length);
    }

    /// <summary>Over what was written into <see cref="Canonical"/>.</summary>
    public UInt128 Digest(int length)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_canonical.AsSpan(0, _preamble.Length + length), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    public static string Dn(EntryId id, string baseDn) => $"cn={id},{baseDn}";

    public AddRequest ToAdd(EntryId id, string baseDn, UInt128 digest, params ReadOnlySpan<LdapAttribute> own)
    {
        string cn = id.ToString();
        LdapAttribute[] attributes = new LdapAttribute[own.Length + 4];
        attributes[0] = _objectClass;
        attributes[1] = new LdapAttribute("cn", Encoding.ASCII.GetBytes(cn));
        own.CopyTo(attributes.AsSpan(2));
        attributes[^2] = DigestAttribute(digest);
        attributes[^1] = _source;
        return new AddRequest($"cn={cn},{baseDn}", attributes);
    }

    public ModifyRequest ToModify(EntryId id, string baseDn, UInt128 digest, params ReadOnlySpan<LdapAttribute> own)
    {
        Modification[] changes = new Modification[own.Length + 2];
        for (int i = 0; i < own.Length; i++)
        {
            changes[i] = new Modification(ModificationType.Replace, own[i]);
        }

        changes[^2] = new Modification(ModificationType.Replace, DigestAttribute(digest));
        changes[^1] = new Modification(ModificationType.Replace, _source);
        return new ModifyRequest(Dn(id, baseDn), changes);
    }

    private static LdapAttribute DigestAttribute(UInt128 digest)
    {
        byte[] octets = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, digest);
        return new LdapAttribute(PosternAttributes.Digest, octets);
    }
}
