using System.Buffers.Binary;
using System.Text;
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
                    // Without a readable digest the entry differs from whatever the source has.
                    UInt128 digest = entry.Find(PosternAttributes.Digest) is { Values: [{ Length: EntryId.Bytes } octets] }
                        ? BinaryPrimitives.ReadUInt128BigEndian(octets.Span)
                        : ProjectedEntry.UnreadableDigest;
                    table.AddHeld(id, digest, entry.Find(PosternAttributes.Source) is { Values: [{ } source, ..] } ? source.Span : default, part);
                }
                else
                {
                    strangers.Add(entry.Dn);
                }
            }
        }
    }

    /// <summary>Single entries of one part, by comparisons that all travel together: their answers are no exceptions, whether or not
    /// there is such an entry.</summary>
    /// <param name="entries">Ids, and the digest that the source's form has; null where it does not matter.</param>
    public async Task ReadSomeAsync(
        SyncPart part, IReadOnlyList<(EntryId Id, UInt128? Digest)> entries, IReadOnlyList<string> sources, TargetTable table, CancellationToken cancellationToken)
    {
        byte[][] names = [.. sources.Select(Encoding.UTF8.GetBytes)];
        foreach ((EntryId Id, UInt128? Digest)[] chunk in entries.Chunk(Math.Max(1, InFlight / (names.Length + 1))))
        {
            Task<(bool Exists, bool Same, int Source)>[] asked = Array.ConvertAll(chunk, one => ReadOneAsync(part, one.Id, one.Digest, names, cancellationToken));
            await Task.WhenAll(asked);
            for (int i = 0; i < chunk.Length; i++)
            {
                (bool exists, bool same, int source) = await asked[i];
                if (exists)
                {
                    table.AddHeld(chunk[i].Id, same ? chunk[i].Digest!.Value : ProjectedEntry.UnreadableDigest, source < 0 ? table.Unknown : source, 0);
                }
            }
        }
    }

    /// <summary>Who has which of these addresses now.</summary>
    public async Task<Dictionary<UInt128, List<EntryId>>> FindOwnersAsync(IReadOnlyList<AddressHash> hashes, CancellationToken cancellationToken)
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
                ["cn", PosternAttributes.AddressHash]);
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                if (entry.Find("cn") is not { Values: [{ } cn] } || !EntryId.TryParse(cn.Span, out EntryId id))
                {
                    continue;
                }

                foreach (ReadOnlyMemory<byte> value in entry.Find(PosternAttributes.AddressHash)?.Values ?? [])
                {
                    if (value.Length == AddressHash.Bytes && AddressHash.FromBytes(value.Span).High is var high && wanted.Contains(high))
                    {
                        (owners.TryGetValue(high, out List<EntryId>? list) ? list : owners[high] = []).Add(id);
                    }
                }
            }
        }

        return owners;
    }

    private async Task<(bool Exists, bool Same, int Source)> ReadOneAsync(SyncPart part, EntryId id, UInt128? digest, byte[][] sources, CancellationToken cancellationToken)
    {
        string dn = ProjectedEntry.DnOf(id, part.BaseDn);
        byte[] octets = new byte[EntryId.Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(octets, digest ?? UInt128.Zero);
        Task<LdapResult> same = edge.CompareAsync(new CompareRequest(dn, PosternAttributes.Digest, octets), cancellationToken);
        Task<LdapResult>[] owner = Array.ConvertAll(sources, name => edge.CompareAsync(new CompareRequest(dn, PosternAttributes.Source, name), cancellationToken));
        LdapResult result = await same;
        LdapResult[] owners = await Task.WhenAll(owner);
        return result.Code switch
        {
            LdapResultCode.CompareTrue or LdapResultCode.CompareFalse or LdapResultCode.NoSuchAttribute =>
                (true, digest is not null && result.Code == LdapResultCode.CompareTrue, Array.FindIndex(owners, one => one.Code == LdapResultCode.CompareTrue)),
            LdapResultCode.NoSuchObject => (false, false, -1),
            _ => throw new LdapException(result, $"compare {dn}"),
        };
    }

    private static byte[] Octets(AddressHash hash)
    {
        byte[] octets = new byte[AddressHash.Bytes];
        hash.CopyTo(octets);
        return octets;
    }
}
