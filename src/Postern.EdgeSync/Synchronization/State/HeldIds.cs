using System.Buffers.Binary;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization.State;

/// <summary>The ids of deletions that were held or rejected, and how they lie on the edge: in entries of a thousand each.</summary>
internal sealed class HeldIds
{
    /// <summary>Ids in an entry: 16 KiB of them.</summary>
    public const int ChunkSize = 1000;

    private const string HeldKind = "held";
    private const string RejectedKind = "rejected";

    public static HeldIds None { get; } = new([], []);

    public HeldIds(IEnumerable<EntryId> held, IEnumerable<EntryId> rejected)
    {
        Held = held.ToHashSet();
        Rejected = rejected.ToHashSet();
    }

    /// <summary>Wait for a decision.</summary>
    public IReadOnlySet<EntryId> Held { get; }

    /// <summary>Stay, whatever their source says, until it shows them again.</summary>
    public IReadOnlySet<EntryId> Rejected { get; }

    /// <param name="type">cn of the state entry.</param>
    public static async Task<HeldIds> ReadAsync(IDirectory edge, string type, CancellationToken cancellationToken)
    {
        List<EntryId> held = [];
        List<EntryId> rejected = [];
        SearchRequest request = new(EdgeLayout.Held, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.HeldDeletes), ["cn", PosternAttributes.HeldId]);
        await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
        {
            string cn = entry.FirstString("cn") ?? "";
            List<EntryId>? list = cn.StartsWith($"{type}-{HeldKind}-", StringComparison.OrdinalIgnoreCase) ? held
                : cn.StartsWith($"{type}-{RejectedKind}-", StringComparison.OrdinalIgnoreCase) ? rejected
                : null;
            foreach (ReadOnlyMemory<byte> value in entry.Find(PosternAttributes.HeldId)?.Values ?? [])
            {
                if (value.Length == EntryId.Bytes)
                {
                    list?.Add(EntryId.FromBytes(value.Span));
                }
            }
        }

        return new HeldIds(held, rejected);
    }

    /// <summary>What turns the entries of <paramref name="before"/> into those of this.</summary>
    public IEnumerable<IUpdateOperation> ChangesFrom(HeldIds before, string type) =>
        [.. Changes(before.Held, Held, $"{type}-{HeldKind}"), .. Changes(before.Rejected, Rejected, $"{type}-{RejectedKind}")];

    private static IEnumerable<IUpdateOperation> Changes(IReadOnlySet<EntryId> before, IReadOnlySet<EntryId> after, string name)
    {
        if (before.SetEquals(after))
        {
            yield break;
        }

        List<UInt128[]> old = Chunks(before);
        List<UInt128[]> now = Chunks(after);
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

    private static List<UInt128[]> Chunks(IReadOnlySet<EntryId> ids) => [.. ids.Select(id => id.Value).Order().Chunk(ChunkSize)];

    private static LdapAttribute Values(UInt128[] ids) => new(PosternAttributes.HeldId, Array.ConvertAll(ids, id =>
    {
        byte[] octets = new byte[EntryId.Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(octets, id);
        return (ReadOnlyMemory<byte>)octets;
    }));
}
