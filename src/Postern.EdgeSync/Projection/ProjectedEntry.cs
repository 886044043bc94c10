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
    private AddressHash[] _kept = [];
    private bool _keepsOutside;

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

    /// <summary>Its source says that it takes mail from inside only.</summary>
    public bool IsInternalOnly => attributes.Any(attribute => attribute.Values.Count > 0 && attribute.Description == PosternAttributes.InternalOnly);

    /// <summary>The digest that the edge keeps. That of an entry that did not get all it claims, or keeps what it does not claim, matches no
    /// projection, so that each whole compare tries again; it is the same as long as nothing changes, so that trying costs no write.</summary>
    public UInt128 StoredDigest => Lost == 0 && _kept.Length == 0 && !_keepsOutside ? digest : PartialDigest();

    /// <summary>The last entry of a projection.</summary>
    public static ProjectedEntry From(in SourceEntry entry, string source, IProjection projection) =>
        new(entry.Id, projection.Part, source, entry.Entry.Dn, projection.Digest, projection.Claims.ToArray(), projection.Attributes());

    public static string DnOf(EntryId id, string baseDn) => $"cn={id},{baseDn}";

    /// <param name="granted">A part of the claims, in their order.</param>
    public void Grant(AddressHash[] granted) => _granted = granted;

    /// <summary>It keeps what it has and does not claim any more.</summary>
    /// <param name="kept">None of its claims.</param>
    /// <param name="outside">And takes mail from outside as before.</param>
    public void Keep(AddressHash[] kept, bool outside) => (_kept, _keepsOutside) = (kept, outside);

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
            bool keeps = _keepsOutside && attributes[i].Description == PosternAttributes.InternalOnly;
            changes.Add(new Modification(ModificationType.Replace, keeps ? new LdapAttribute(PosternAttributes.InternalOnly, Array.Empty<ReadOnlyMemory<byte>>()) : attributes[i]));
        }

        if (claims.Length > 0)
        {
            changes.Add(new Modification(ModificationType.Replace, ClaimAttribute([.. Granted, .. _kept])));
        }

        changes.Add(new Modification(ModificationType.Replace, DigestAttribute(StoredDigest)));
        changes.Add(new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Source, source)));
        return new ModifyRequest(DnOf(id, part.BaseDn), changes);
    }

    /// <summary>Address hashes as the edge keeps them.</summary>
    public static LdapAttribute ClaimAttribute(ReadOnlySpan<AddressHash> granted)
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

    /// <summary>The entry as it is with a few addresses more: it is neither what it was nor what it will be, and its digest says so.</summary>
    public ModifyRequest ToGain(IReadOnlyList<AddressHash> gains) => new(
        DnOf(id, part.BaseDn),
        new Modification(ModificationType.Add, ClaimAttribute([.. gains])),
        new Modification(ModificationType.Replace, DigestAttribute(UnreadableDigest)));

    private static LdapAttribute DigestAttribute(UInt128 stored)
    {
        byte[] octets = new byte[EntryId.Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(octets, stored);
        return new LdapAttribute(PosternAttributes.Digest, octets);
    }

    private UInt128 PartialDigest()
    {
        AddressHash[] all = [.. Granted, .. _kept];
        byte[] octets = new byte[EntryId.Bytes + (all.Length * AddressHash.Bytes) + 1];
        BinaryPrimitives.WriteUInt128BigEndian(octets, digest);
        for (int i = 0; i < all.Length; i++)
        {
            all[i].CopyTo(octets.AsSpan(EntryId.Bytes + (i * AddressHash.Bytes)));
        }

        // Without the last octet where nothing is kept: as earlier versions wrote it.
        octets[^1] = 1;
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(_keepsOutside ? octets : octets.AsSpan(..^1)));
    }
}
