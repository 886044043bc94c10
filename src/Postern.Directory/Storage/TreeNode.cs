using System.Collections.Concurrent;

namespace Postern.Directory.Storage;

/// <summary>An entry's place: what is needed to name what stands below it.</summary>
/// <param name="Parent">Null for a suffix.</param>
internal sealed record TreeNode(long Id, TreeNode? Parent, string Dn, string Normalized)
{
    public bool IsWithin(long ancestor)
    {
        for (TreeNode? node = this; node is not null; node = node.Parent)
        {
            if (node.Id == ancestor)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Places that were looked up, valid until an entry is deleted or renamed. Shared by the readers of that span of time.</summary>
internal sealed class TreeCache
{
    /// <summary>Entries kept; a directory has a handful of containers, this bounds one that has many. Some 1 MiB.</summary>
    private const int MaxNodes = 4096;

    private readonly ConcurrentDictionary<long, TreeNode> _byId = new();
    private readonly ConcurrentDictionary<string, TreeNode> _byName = new(StringComparer.Ordinal);

    public TreeNode? Find(long id) => _byId.GetValueOrDefault(id);

    public TreeNode? Find(string normalizedDn) => _byName.GetValueOrDefault(normalizedDn);

    public void Remove(TreeNode node)
    {
        _byId.TryRemove(node.Id, out _);
        _byName.TryRemove(node.Normalized, out _);
    }

    public void Add(TreeNode node)
    {
        if (_byId.Count < MaxNodes && _byId.TryAdd(node.Id, node))
        {
            _byName.TryAdd(node.Normalized, node);
        }
    }
}
