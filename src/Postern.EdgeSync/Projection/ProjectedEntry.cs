using System.Buffers.Binary;
using System.Security.Cryptography;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>A projected entry that outlives the projection it came from: what it is to become on the edge once its claims are decided.</summary>
/// <param name="sourceDn">Its name in the source, for messages only.</param>
/// <param name="claims">All that it wants.</param>
/// <param name="attributes">See <see cref="IProjection.Attributes"/>.</param>
internal sealed class ProjectedEntry(
    EntryId id, SyncPart part, string source, string sourceDn, UInt128 digest, AddressHash[] claims, IReadOnlyList<LdapAttribute> attributes)
{
    /// <summary>class, cn, digest, source and claims.</summary>
    private const int MostOfOurs = 5;

    /// <summary>Stands for a digest that is none: matches no projection.</summary>
    public static readonly UInt128 UnreadableDigest = UInt128.MaxValue;

    private AddressHash[]? _granted;
    private UInt128? _partial;

    public EntryId Id => id;

    public SyncPart Part => part;

    public string Source => source;

    public string SourceDn => sourceDn;

    /// <summary>Over everything that it claims.</summary>
    public UInt128 Digest => digest;

    public AddressHash[] Claims => claims;

    /// <summary>See <see cref="IProjection.Attributes"/>.</summary>
    public IReadOnlyList<LdapAttribute> Attributes => attributes;

    /// <summary>What it gets of its claims; all of them unless said otherwise.</summary>
    public ReadOnlySpan<AddressHash> Granted => _granted ?? claims;

    public int Lost => claims.Length - Granted.Length;

    /// <summary>The digest that the edge keeps. That of an entry that did not get all it claims matches no projection, so that each whole
    /// compare tries again; it is the same as long as nothing changes, so that trying costs no write.</summary>
    public UInt128 StoredDigest => _partial ?? digest;

    /// <summary>The last entry of a projection.</summary>
    public static ProjectedEntry From(in SourceEntry entry, string source, IProjection projection) =>
        new(entry.Id, projection.Part, source, entry.Entry.Dn, projection.Digest, projection.Claims.ToArray(), projection.Attributes());

    public static string DnOf(EntryId id, string baseDn) => $"cn={id},{baseDn}";

    /// <param name="granted">A part of the claims, in their order.</param>
    public void Grant(AddressHash[] granted)
    {
        _granted = granted;
        _partial = Lost == 0 ? null : PartialDigest(granted);
    }

    public AddRequest ToAdd()
    {
        List<LdapAttribute> all = new(attributes.Count + MostOfOurs)
        {
            new LdapAttribute("objectClass", part.ObjectClass),
            new LdapAttribute("cn", id.ToString()),
        };
        for (int i = 0; i < attributes.Count; i++)
        {
            // An addition names only what there is.
            if (attributes[i].Values.Count > 0)
            {
                all.Add(attributes[i]);
            }
        }

        if (!Granted.IsEmpty)
        {
            all.Add(ClaimAttribute(Granted));
        }

        all.Add(DigestAttribute(StoredDigest));
        all.Add(new LdapAttribute(PosternAttributes.Source, source));
        return new AddRequest(DnOf(id, part.BaseDn), all);
    }

    public ModifyRequest ToModify()
    {
        List<Modification> changes = new(attributes.Count + MostOfOurs);
        for (int i = 0; i < attributes.Count; i++)
        {
            changes.Add(new Modification(ModificationType.Replace, attributes[i]));
        }

        if (claims.Length > 0)
        {
            changes.Add(new Modification(ModificationType.Replace, ClaimAttribute(Granted)));
        }

        changes.Add(new Modification(ModificationType.Replace, DigestAttribute(StoredDigest)));
        changes.Add(new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Source, source)));
        return new ModifyRequest(DnOf(id, part.BaseDn), changes);
    }

    /// <summary>The entry as it is with a few addresses more: it is neither what it was nor what it will be, and its digest says so.</summary>
    public ModifyRequest ToGain(IReadOnlyList<AddressHash> gains) => new(
        DnOf(id, part.BaseDn),
        new Modification(ModificationType.Add, ClaimAttribute([.. gains])),
        new Modification(ModificationType.Replace, DigestAttribute(UnreadableDigest)));

    private static LdapAttribute ClaimAttribute(ReadOnlySpan<AddressHash> granted)
    {
        byte[] octets = new byte[granted.Length * AddressHash.Bytes];
        ReadOnlyMemory<byte>[] values = new ReadOnlyMemory<byte>[granted.Length];
        for (int i = 0; i < granted.Length; i++)
        {
            granted[i].CopyTo(octets.AsSpan(i * AddressHash.Bytes));
            values[i] = octets.AsMemory(i * AddressHash.Bytes, AddressHash.Bytes);
        }

        return new LdapAttribute(PosternAttributes.AddressHash, values);
    }

    private static LdapAttribute DigestAttribute(UInt128 stored)
    {
        byte[] octets = new byte[EntryId.Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(octets, stored);
        return new LdapAttribute(PosternAttributes.Digest, octets);
    }

    private UInt128 PartialDigest(AddressHash[] granted)
    {
        byte[] octets = new byte[EntryId.Bytes + (granted.Length * AddressHash.Bytes)];
        BinaryPrimitives.WriteUInt128BigEndian(octets, digest);
        for (int i = 0; i < granted.Length; i++)
        {
            granted[i].CopyTo(octets.AsSpan(EntryId.Bytes + (i * AddressHash.Bytes)));
        }

        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(octets));
    }
}
