using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>Asks the edge what it holds: everything, single entries, or who has an address.</summary>
internal sealed class EdgeLookup(IDirectory edge)
{
    /// <summary>Requests under way at once; servers take a hundred or so on a connection, and batches need some of them.</summary>
    private const int InFlight = 64;

    /// <summary>Addresses in one filter: servers refuse larger ones (our own above 1024 items).</summary>
    public const int HashesPerSearch = 1000;

    /// <summary>Entries of somebody else's making that one cycle takes away; the others are left to the next: an edge that makes up more and
    /// more of them fills no memory here. Ours.</summary>
    private const int MostStrangers = 10_000;

    /// <summary>Everything below the parts. What is not known by an id is a stranger there.</summary>
    public async Task ReadAllAsync(IReadOnlyList<SyncPart> parts, TargetTable table, List<string> strangers, Action scanned, CancellationToken cancellationToken)
    {
        for (int part = 0; part < parts.Count; part++)
        {
            SearchRequest request = new(
                parts[part].BaseDn,
                SearchScope.SingleLevel,
                Filter.Equal("objectClass", parts[part].ObjectClass),
                ["cn", PosternAttributes.Digest, PosternAttributes.Source]);
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                scanned();
                if (entry.Find("cn") is { Values: [{ } cn] } && EntryId.TryParse(cn.Span, out EntryId id))
                {
                    table.AddHeld(id, DigestOf(entry), entry.Find(PosternAttributes.Source) is { Values: [{ } source, ..] } ? source.Span : default, part);
                }
                else if (strangers.Count < MostStrangers)
                {
                    strangers.Add(entry.Dn);
                }
            }
        }
    }

    /// <summary>Single entries of one part, asked for all at once.</summary>
    /// <param name="contents">Gets what they have.</param>
    public async Task ReadSomeAsync(
        SyncPart part, IReadOnlyCollection<EntryId> ids, TargetTable table, Dictionary<EntryId, EdgeContent> contents, CancellationToken cancellationToken)
    {
        await foreach ((EntryId id, LdapEntry entry) in ReadAsync(part, ids, cancellationToken))
        {
            table.AddHeld(id, DigestOf(entry), entry.Find(PosternAttributes.Source) is { Values: [{ } source, ..] } ? source.Span : default, 0);
            contents[id] = ContentOf(entry);
        }
    }

    /// <summary>What entries of one part have.</summary>
    public async Task ReadContentsAsync(SyncPart part, IReadOnlyCollection<EntryId> ids, Dictionary<EntryId, EdgeContent> contents, CancellationToken cancellationToken)
    {
        await foreach ((EntryId id, LdapEntry entry) in ReadAsync(part, ids, cancellationToken))
        {
            contents[id] = ContentOf(entry);
        }
    }

    /// <summary>Who has which of these addresses now.</summary>
    /// <param name="contents">Gets what else they have; null: nobody wants to know.</param>
    public async Task<Dictionary<UInt128, List<EntryId>>> FindOwnersAsync(
        IReadOnlyList<AddressHash> hashes, Dictionary<EntryId, EdgeContent>? contents, CancellationToken cancellationToken)
    {
        Dictionary<UInt128, List<EntryId>> owners = [];
        foreach (AddressHash[] chunk in hashes.Chunk(HashesPerSearch))
        {
            HashSet<UInt128> wanted = [.. chunk.Select(hash => hash.High)];
            Filter[] items = Array.ConvertAll(chunk, hash => Filter.Equal(PosternAttributes.AddressHash, Octets(hash)));
            SearchRequest request = new(
                SyncPart.Recipients.BaseDn,
                SearchScope.SingleLevel,
                items.Length == 1 ? items[0] : new OrFilter(items),
                ["cn", PosternAttributes.AddressHash, PosternAttributes.InternalOnly]);
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                if (entry.Find("cn") is not { Values: [{ } cn] } || !EntryId.TryParse(cn.Span, out EntryId id))
                {
                    continue;
                }

                EdgeContent content = ContentOf(entry);
                contents?[id] = content;
                foreach (AddressHash hash in content.Hashes)
                {
                    if (wanted.Contains(hash.High))
                    {
                        (owners.TryGetValue(hash.High, out List<EntryId>? list) ? list : owners[hash.High] = []).Add(id);
                    }
                }
            }
        }

        return owners;
    }

    private async IAsyncEnumerable<(EntryId Id, LdapEntry Entry)> ReadAsync(
        SyncPart part, IReadOnlyCollection<EntryId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (EntryId[] chunk in ids.Chunk(InFlight))
        {
            LdapEntry?[] entries = await Task.WhenAll(chunk.Select(id => edge.FindAsync(
                ProjectedEntry.DnOf(id, part.BaseDn), cancellationToken, PosternAttributes.Digest, PosternAttributes.Source, PosternAttributes.AddressHash, PosternAttributes.InternalOnly)));
            for (int i = 0; i < chunk.Length; i++)
            {
                if (entries[i] is { } entry)
                {
                    yield return (chunk[i], entry);
                }
            }
        }
    }

    /// <summary>Without a readable digest the entry differs from whatever the source has.</summary>
    private static UInt128 DigestOf(LdapEntry entry) => entry.Find(PosternAttributes.Digest) is { Values: [{ Length: EntryId.Bytes } octets] }
        ? BinaryPrimitives.ReadUInt128BigEndian(octets.Span)
        : ProjectedEntry.UnreadableDigest;

    private static EdgeContent ContentOf(LdapEntry entry) => new(
        [.. (entry.Find(PosternAttributes.AddressHash)?.Values ?? []).Where(value => value.Length == AddressHash.Bytes).Select(value => AddressHash.FromBytes(value.Span))],
        entry.FirstString(PosternAttributes.InternalOnly) == "TRUE");

    private static byte[] Octets(AddressHash hash)
    {
        byte[] octets = new byte[AddressHash.Bytes];
        hash.CopyTo(octets);
        return octets;
    }
}
