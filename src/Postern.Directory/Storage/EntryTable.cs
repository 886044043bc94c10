using Postern.Ldap;

namespace Postern.Directory.Storage;

/// <summary>Reads entries and places over one connection.</summary>
internal sealed class EntryTable(Database database, IReadOnlyList<DistinguishedName> suffixes)
{
    private readonly Statement _byId = database.Prepare($"SELECT {EntryRow.Columns} FROM entry e WHERE e.id = ?");
    private readonly Statement _name = database.Prepare("SELECT parent, rdn, norm FROM entry WHERE id = ?");
    private readonly Statement _byKey = database.Prepare("SELECT entry FROM fresh WHERE key = ?1 UNION ALL SELECT entry FROM key WHERE key = ?1");
    private readonly Statement _child = database.Prepare("SELECT 1 FROM tree WHERE parent = ? LIMIT 1");
    private readonly Statement _children = database.Prepare("SELECT count(*) FROM tree WHERE parent = ?");
    private readonly List<long> _found = [];

    public static long NameKey(long parent, string normalizedRdn) =>
        ((long)StoreLayout.NameAttribute << KeyHash.Bits) | KeyHash.Of(normalizedRdn, parent);

    public EntryRow? Fetch(long id)
    {
        _byId.Bind(1, id);
        try
        {
            return _byId.Step() ? EntryRow.Read(_byId) : null;
        }
        finally
        {
            _byId.Reset();
        }
    }

    public bool HasChildren(long id)
    {
        _child.Bind(1, id);
        bool found = _child.Step();
        _child.Reset();
        return found;
    }

    public long CountChildren(long id)
    {
        _children.Bind(1, id).Step();
        long count = _children.Integer(0);
        _children.Reset();
        return count;
    }

    /// <returns>The id, or 0.</returns>
    public long FindChild(long parent, string normalizedRdn)
    {
        _found.Clear();
        _byKey.Bind(1, NameKey(parent, normalizedRdn));
        while (_byKey.Step())
        {
            _found.Add(_byKey.Integer(0));
        }

        _byKey.Reset();
        foreach (long id in _found)
        {
            if (ReadName(id) is var (foundParent, _, normalized) && foundParent == parent && normalized == normalizedRdn)
            {
                return id;
            }
        }

        return 0;
    }

    /// <summary>The place of an entry that is known to exist.</summary>
    public TreeNode Node(long id, TreeCache cache)
    {
        if (cache.Find(id) is { } known)
        {
            return known;
        }

        (long parent, string rdn, string normalized) = ReadName(id)
            ?? throw Missing(id);
        TreeNode node = Place(id, parent == StoreLayout.NoParent ? null : Node(parent, cache), rdn, normalized);
        cache.Add(node);
        return node;
    }

    /// <summary>The place of a child that is known to exist.</summary>
    public TreeNode Below(TreeNode parent, long id) => ReadName(id) is var (_, rdn, normalized)
        ? Place(id, parent, rdn, normalized)
        : throw Missing(id);

    /// <param name="matched">When there is no such entry: the nearest one above it that exists.</param>
    public TreeNode? Resolve(DistinguishedName dn, TreeCache cache, bool remember, out TreeNode? matched)
    {
        matched = null;
        if (cache.Find(dn.Normalized) is { } known)
        {
            return known;
        }

        TreeNode? parent = null;
        string rdn;
        if (IsSuffix(dn))
        {
            rdn = dn.Normalized;
        }
        else if (dn.IsRoot)
        {
            return null;
        }
        else
        {
            parent = Resolve(dn.Parent, cache, remember: true, out matched);
            if (parent is null)
            {
                return null;
            }

            rdn = dn.Rdn.Normalized;
        }

        long id = FindChild(parent?.Id ?? StoreLayout.NoParent, rdn);
        if (id == 0)
        {
            matched = parent;
            return null;
        }

        if (remember)
        {
            return Node(id, cache);
        }

        (_, string written, string normalized) = ReadName(id)!.Value;
        return Place(id, parent, written, normalized);
    }

    public bool IsSuffix(DistinguishedName dn)
    {
        for (int i = 0; i < suffixes.Count; i++)
        {
            if (suffixes[i].Equals(dn))
            {
                return true;
            }
        }

        return false;
    }

    private static StoreFailureException Missing(long id) =>
        new(SQLitePCL.raw.SQLITE_CORRUPT, 0, $"entry {id} is missing, though other rows refer to it");

    private (long Parent, string Rdn, string Normalized)? ReadName(long id)
    {
        _name.Bind(1, id);
        try
        {
            if (!_name.Step())
            {
                return null;
            }

            string rdn = _name.Text(1);
            return (_name.Integer(0), rdn, _name.IsNull(2) ? rdn : _name.Text(2));
        }
        finally
        {
            _name.Reset();
        }
    }

    private static TreeNode Place(long id, TreeNode? parent, string rdn, string normalized) => parent is null
        ? new TreeNode(id, null, rdn, normalized)
        : new TreeNode(id, parent, $"{rdn},{parent.Dn}", $"{normalized},{parent.Normalized}");
}
