using Postern.Directory.Storage;

namespace Postern.Directory;

/// <summary>All entries in an order that an import can take: level by level, parents before children. Holds the names of the entries with
/// children that are still to come, a handful of containers.</summary>
internal sealed class EntryWalk : IDisposable
{
    private readonly Statement _children;
    private readonly Statement _anyChild;
    private readonly Queue<(long Id, string Dn)> _parents = new();
    private string _below = "";

    public EntryWalk(Database database)
    {
        _children = database.Prepare($"SELECT {EntryRow.Columns} FROM tree t JOIN entry e ON e.id = t.entry WHERE t.parent = ? ORDER BY t.entry");
        _anyChild = database.Prepare("SELECT 1 FROM tree WHERE parent = ? LIMIT 1");
        _children.Bind(1, StoreLayout.NoParent);
    }

    /// <returns>Null at the end.</returns>
    public (string Dn, EntryRow Row)? Next()
    {
        while (!_children.Step())
        {
            if (!_parents.TryDequeue(out (long Id, string Dn) parent))
            {
                return null;
            }

            _children.Reset();
            _children.Bind(1, parent.Id);
            _below = parent.Dn;
        }

        EntryRow row = EntryRow.Read(_children);
        string dn = row.Parent == StoreLayout.NoParent ? row.Rdn : $"{row.Rdn},{_below}";
        if (_anyChild.Bind(1, row.Id).Step())
        {
            _parents.Enqueue((row.Id, dn));
        }

        _anyChild.Reset();
        return (dn, row);
    }

    public void Dispose()
    {
        _children.Reset();
        _anyChild.Reset();
    }
}
