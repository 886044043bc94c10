namespace Postern.Directory.Storage;

/// <summary>
/// Writes index rows. Whoever reads the tables inside the transaction calls <see cref="Flush"/> first. Keys are hashes: a commit of some hundred
/// entries touches most pages of a tree as large as <c>key</c>, but only the few pages of <c>fresh</c>; those move over now and then, in order.
/// For 100,000 recipients in commits of 800 that is 150 MiB written instead of 500.
/// </summary>
internal sealed class KeyTable(Database database, int maxFreshRows = KeyTable.MaxFreshRows)
{
    /// <summary>Rows of <c>fresh</c> from which they move. More make each commit larger, fewer make moves more frequent; a move of this many
    /// takes some 50 ms. Measured in bench/directory.</summary>
    public const int MaxFreshRows = 65536;

    private readonly RowBuffer _inserts = new(database, "INSERT INTO fresh(key, entry)");
    private readonly Statement _deleteFresh = database.Prepare("DELETE FROM fresh WHERE key = ? AND entry = ?");
    private readonly Statement _move = database.Prepare("INSERT INTO key SELECT key, entry FROM fresh ORDER BY key, entry");
    private readonly Statement _clear = database.Prepare("DELETE FROM fresh");
    private readonly Statement _delete = database.Prepare("DELETE FROM key WHERE key = ? AND entry = ?");
    private readonly Statement _insertText = database.Prepare("INSERT INTO text(attribute, value, entry) VALUES (?,?,?)");
    private readonly Statement _deleteText = database.Prepare("DELETE FROM text WHERE attribute = ? AND value = ? AND entry = ?");

    /// <summary>Rows in <c>fresh</c>, those that wait included. After a rollback only about right: the next move comes earlier or later.</summary>
    private long _freshRows = database.QueryInteger("SELECT count(*) FROM fresh");

    public void Insert(long key, long entry)
    {
        _freshRows++;
        _inserts.Add(key, entry);
    }

    public void Insert(EntryKeys keys, long entry)
    {
        foreach (long key in keys.Hashes)
        {
            Insert(key, entry);
        }

        if (keys.Texts is { } texts)
        {
            foreach (TextKey text in texts)
            {
                Insert(text, entry);
            }
        }
    }

    public void Insert(TextKey text, long entry) => _insertText.Bind(1, text.Attribute).Bind(2, text.Value).Bind(3, entry).Run();

    public void Delete(long key, long entry)
    {
        _inserts.Flush();
        _deleteFresh.Bind(1, key).Bind(2, entry).Run();
        if (database.LastChanges > 0)
        {
            _freshRows--;
            return; // a key is in one of the two
        }

        _delete.Bind(1, key).Bind(2, entry).Run();
    }

    public void Delete(TextKey text, long entry) => _deleteText.Bind(1, text.Attribute).Bind(2, text.Value).Bind(3, entry).Run();

    public void Flush() => _inserts.Flush();

    /// <summary>At the end of a transaction: moves fresh rows when there are enough.</summary>
    public void FlushAndMove()
    {
        _inserts.Flush();
        if (_freshRows >= maxFreshRows)
        {
            _move.Run();
            _clear.Run();
            _freshRows = 0;
        }
    }

    public void Discard() => _inserts.Discard();
}
