namespace Postern.Directory.Storage;

/// <summary>Writes index rows. Whoever reads the tables inside the transaction calls <see cref="Flush"/> first.</summary>
internal sealed class KeyTable(Database database)
{
    private readonly RowBuffer _inserts = new(database, "INSERT INTO key(key, entry)");
    private readonly Statement _delete = database.Prepare("DELETE FROM key WHERE key = ? AND entry = ?");
    private readonly Statement _insertText = database.Prepare("INSERT INTO text(attribute, value, entry) VALUES (?,?,?)");
    private readonly Statement _deleteText = database.Prepare("DELETE FROM text WHERE attribute = ? AND value = ? AND entry = ?");

    public void Insert(long key, long entry) => _inserts.Add(key, entry);

    public void Insert(EntryKeys keys, long entry)
    {
        foreach (long key in keys.Hashes)
        {
            _inserts.Add(key, entry);
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
        _delete.Bind(1, key).Bind(2, entry).Run();
    }

    public void Delete(TextKey text, long entry) => _deleteText.Bind(1, text.Attribute).Bind(2, text.Value).Bind(3, entry).Run();

    public void Flush() => _inserts.Flush();

    public void Discard() => _inserts.Discard();
}
