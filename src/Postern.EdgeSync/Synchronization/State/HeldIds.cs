using System.Buffers.Binary;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization.State;

/// <summary>The ids of losses that were held or rejected, and how they lie on the edge: in entries of a thousand each. A value is the id of
/// a deletion, or the id of an entry that stays and what it would lose (32 bits, big endian: addresses, and in the highest bit mail from
/// outside).</summary>
internal sealed class HeldIds
{
    /// <summary>Ids in an entry: 16 to 20 KiB of them.</summary>
    public const int ChunkSize = 1000;

    private const string HeldKind = "held";
    private const string RejectedKind = "rejected";
    private const int PartBytes = EntryId.Bytes + sizeof(uint);
    private const uint OutsideBit = 1u << 31;

    private static readonly Dictionary<EntryId, Loss> Nobody = [];

    public static HeldIds None { get; } = new(Nobody, Nobody);

    public HeldIds(IReadOnlyDictionary<EntryId, Loss> held, IReadOnlyDictionary<EntryId, Loss> rejected) => (Held, Rejected) = (held, rejected);

    /// <summary>Wait for a decision.</summary>
    public IReadOnlyDictionary<EntryId, Loss> Held { get; }

    /// <summary>Keep what they have, whatever their source says, until it shows it again.</summary>
    public IReadOnlyDictionary<EntryId, Loss> Rejected { get; }

    /// <param name="type">cn of the state entry.</param>
    public static async Task<HeldIds> ReadAsync(IDirectory edge, string type, CancellationToken cancellationToken)
    {
        Dictionary<EntryId, Loss> held = [];
        Dictionary<EntryId, Loss> rejected = [];
        SearchRequest request = new(EdgeLayout.Held, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.HeldDeletes), ["cn", PosternAttributes.HeldId]);
        await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
        {
            string cn = entry.FirstString("cn") ?? "";
            Dictionary<EntryId, Loss>? list = cn.StartsWith($"{type}-{HeldKind}-", StringComparison.OrdinalIgnoreCase) ? held
                : cn.StartsWith($"{type}-{RejectedKind}-", StringComparison.OrdinalIgnoreCase) ? rejected
                : null;
            foreach (ReadOnlyMemory<byte> value in entry.Find(PosternAttributes.HeldId)?.Values ?? [])
            {
                if (value.Length is EntryId.Bytes or PartBytes)
                {
                    list?.TryAdd(EntryId.FromBytes(value.Span[..EntryId.Bytes]), LossOf(value.Span[EntryId.Bytes..]));
                }
            }
        }

        return new HeldIds(held, rejected);
    }

    /// <summary>What turns the entries of <paramref name="before"/> into those of this.</summary>
    public IEnumerable<IUpdateOperation> ChangesFrom(HeldIds before, string type) =>
        [.. Changes(before.Held, Held, $"{type}-{HeldKind}"), .. Changes(before.Rejected, Rejected, $"{type}-{RejectedKind}")];

    private static IEnumerable<IUpdateOperation> Changes(IReadOnlyDictionary<EntryId, Loss> before, IReadOnlyDictionary<EntryId, Loss> after, string name)
    {
        List<(UInt128 Id, Loss Loss)[]> old = Chunks(before);
        List<(UInt128 Id, Loss Loss)[]> now = Chunks(after);
        for (int i = 0; i < Math.Max(old.Count, now.Count); i++)
        {
            string cn = $"{name}-{i}";
            string dn = $"cn={cn},{EdgeLayout.Held}";
            if (i >= now.Count)
            {
                yield return new DelRequest(dn);
            }
            else if (i >= old.Count)
            {
                yield return new AddRequest(dn, new LdapAttribute("objectClass", PosternClasses.HeldDeletes), new LdapAttribute("cn", cn), Values(now[i]));
            }
            else if (!old[i].AsSpan().SequenceEqual(now[i]))
            {
                yield return new ModifyRequest(dn, new Modification(ModificationType.Replace, Values(now[i])));
            }
        }
    }

    private static List<(UInt128 Id, Loss Loss)[]> Chunks(IReadOnlyDictionary<EntryId, Loss> ids) =>
        [.. ids.Select(one => (Id: one.Key.Value, Loss: one.Value)).OrderBy(one => one.Id).Chunk(ChunkSize)];

    private static LdapAttribute Values((UInt128 Id, Loss Loss)[] ids) => new(PosternAttributes.HeldId, Array.ConvertAll(ids, one =>
    {
        byte[] octets = new byte[one.Loss.IsDeletion ? EntryId.Bytes : PartBytes];
        BinaryPrimitives.WriteUInt128BigEndian(octets, one.Id);
        if (!one.Loss.IsDeletion)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(EntryId.Bytes), (uint)one.Loss.Addresses | (one.Loss.Outside ? OutsideBit : 0));
        }

        return (ReadOnlyMemory<byte>)octets;
    }));

    private static Loss LossOf(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty)
        {
            return Loss.Everything;
        }

        uint number = BinaryPrimitives.ReadUInt32BigEndian(octets);
        return new Loss(false, (int)(number & ~OutsideBit), (number & OutsideBit) != 0);
    }
}
