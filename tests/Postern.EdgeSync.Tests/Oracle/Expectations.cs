using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>
/// What must be true of the edge, by what the sources held since the last time that edge and sources were equal. All addresses are hashes in
/// lower-case hexadecimal digits.
/// </summary>
internal sealed class Expectations(World world, byte[] key)
{
    private readonly Dictionary<string, string> _hashes = Enumerable.Range(0, world.Shape.Addresses)
        .ToDictionary(Spelling.Address, number => Spelling.Hash(key, Spelling.Address(number)), StringComparer.Ordinal);

    private readonly Dictionary<string, HashSet<string>> _claimedSometime = [];

    /// <summary>Address to the one who had it, while that one has claimed it ever since.</summary>
    private Dictionary<string, string> _kept = [];

    /// <summary>Addresses that were known and have been claimed by somebody ever since.</summary>
    private HashSet<string> _covered = [];

    /// <summary>The sources have changed; what happens in one call happens at once.</summary>
    public void Changed()
    {
        Dictionary<string, HashSet<string>> claims = Claims();
        HashSet<string> anybody = [.. claims.Values.SelectMany(hashes => hashes)];
        _covered.IntersectWith(anybody);
        foreach ((string hash, string owner) in _kept.ToArray())
        {
            if (!claims.TryGetValue(owner, out HashSet<string>? now) || !now.Contains(hash))
            {
                _kept.Remove(hash);
            }
        }

        Remember(claims);
    }

    /// <summary>The sources stand still and a cycle says that the edge has all of them.</summary>
    public void Settled(IReadOnlyDictionary<string, string[]> edge)
    {
        Dictionary<string, HashSet<string>> claims = Claims();
        Dictionary<string, string> owners = [];
        foreach ((string id, string[] hashes) in edge)
        {
            HashSet<string> mine = claims.TryGetValue(id, out HashSet<string>? found) ? found : throw new OracleException($"{Who(id)} is on the edge, but in no source");
            foreach (string hash in hashes)
            {
                Require(mine.Contains(hash), $"{Who(id)} has {Name(hash)} on the edge, but does not claim it");
                Require(owners.TryAdd(hash, id), $"{Name(hash)} belongs to two on the edge: {Who(id)} and {Who(owners[hash])}");
            }
        }

        foreach ((string id, HashSet<string> hashes) in claims)
        {
            foreach (string hash in hashes)
            {
                Require(owners.ContainsKey(hash), $"{Name(hash)} is claimed by {Who(id)}, but nobody has it on the edge");
            }
        }

        foreach ((string hash, string owner) in _kept)
        {
            Require(owners[hash] == owner, $"{Name(hash)} was taken from {Who(owner)}, who never gave it up, and is {Who(owners[hash])}'s now");
        }

        _kept = world.Shape.OwnersKeep ? owners : [];
        _covered = [.. owners.Keys];
        _claimedSometime.Clear();
        Remember(claims);
    }

    /// <summary>Between any two batches: nobody who is there, and was all the time, is unknown; nothing is there that nobody ever had.</summary>
    public void AnyTime(IReadOnlyDictionary<string, string[]> edge)
    {
        HashSet<string> known = [.. edge.Values.SelectMany(hashes => hashes)];
        foreach (string hash in world.Shape.HandedAtOnce ? _covered : [.. _kept.Keys])
        {
            Require(known.Contains(hash), $"{Name(hash)} is not known in between, though {(_kept.TryGetValue(hash, out string? owner) ? Who(owner) : "somebody")} claimed it all the time");
        }

        foreach ((string id, string[] hashes) in edge)
        {
            foreach (string hash in hashes)
            {
                Require(_claimedSometime.TryGetValue(id, out HashSet<string>? sometime) && sometime.Contains(hash), $"{Who(id)} has {Name(hash)}, but never claimed it since the edge was right the last time");
            }
        }
    }

    /// <summary>Before a batch: nobody is deleted who has kept something all the time.</summary>
    public void Deletes(IEnumerable<IUpdateOperation> operations, bool readToItsEnd)
    {
        foreach (DelRequest delete in operations.OfType<DelRequest>().Where(delete => delete.Dn.EndsWith("," + EdgeLayout.Recipients, StringComparison.Ordinal)))
        {
            string id = delete.Dn["cn=".Length..delete.Dn.IndexOf(',', StringComparison.Ordinal)];
            Require(readToItsEnd, $"{Who(id)} is deleted before the sources are read to their end");
            Require(!_kept.ContainsValue(id), $"{Who(id)} is deleted, who never left the source");
        }
    }

    private Dictionary<string, HashSet<string>> Claims() =>
        world.Claims().ToDictionary(claim => claim.Key, claim => claim.Value.Select(address => _hashes[address]).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);

    private void Remember(Dictionary<string, HashSet<string>> claims)
    {
        foreach ((string id, HashSet<string> hashes) in claims)
        {
            if (!_claimedSometime.TryGetValue(id, out HashSet<string>? sometime))
            {
                _claimedSometime.Add(id, sometime = []);
            }

            sometime.UnionWith(hashes);
        }
    }

    private string Who(string id) => world.People.FirstOrDefault(person => person.Id == id) is { } person ? $"object {person.Slot} ({id})" : $"a past object ({id})";

    private string Name(string hash) => _hashes.FirstOrDefault(pair => pair.Value == hash).Key ?? $"hash {hash}";

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new OracleException(otherwise);
        }
    }
}
