using System.Text;

namespace Postern.Directory.Storage;

/// <summary>
/// Writes index rows. Rows wait here and go out sorted, many in one statement: neighbours in a tree share the way down to their page, and one
/// statement keeps its cursor between rows. Whoever reads the tables inside the transaction calls <see cref="Flush"/> first.
/// </summary>
internal sealed class KeyTable(Database database)
{
    /// <summary>Rows of one multi-row statement. Past some 50 the cost per row no longer falls; measured in bench/directory.</summary>
    private const int RowsPerStatement = 64;

    /// <summary>Rows that wait at most; 24 octets each.</summary>
    private const int MaxWaiting = 32768;

    private readonly Statement _insertMany = database.Prepare(Multi("INSERT INTO key(key, entry) VALUES "));
    private readonly Statement _insertOne = database.Prepare("INSERT INTO key(key, entry) VALUES (?,?)");
    private readonly Statement _delete = database.Prepare("DELETE FROM key WHERE key = ? AND entry = ?");
    private readonly Statement _insertText = database.Prepare("INSERT INTO text(attribute, value, entry) VALUES (?,?,?)");
    private readonly Statement _deleteText = database.Prepare("DELETE FROM text WHERE attribute = ? AND value = ? AND entry = ?");

    private long[] _keys = new long[1024];
    private long[] _entries = new long[1024];
    private int _waiting;

    public void Insert(long key, long entry)
    {
        if (_waiting == _keys.Length)
        {
            if (_waiting >= MaxWaiting)
            {
                Flush();
            }
            else
            {
                Array.Resize(ref _keys, _waiting * 2);
                Array.Resize(ref _entries, _waiting * 2);
            }
        }

        _keys[_waiting] = key;
        _entries[_waiting++] = entry;
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
        Flush();
        _delete.Bind(1, key).Bind(2, entry).Run();
    }

    public void Delete(TextKey text, long entry) => _deleteText.Bind(1, text.Attribute).Bind(2, text.Value).Bind(3, entry).Run();

    public void Flush()
    {
        if (_waiting == 0)
        {
            return;
        }

        Array.Sort(_keys, _entries, 0, _waiting);
        int row = 0;
        for (; _waiting - row >= RowsPerStatement; row += RowsPerStatement)
        {
            for (int i = 0; i < RowsPerStatement; i++)
            {
                _insertMany.Bind((2 * i) + 1, _keys[row + i]).Bind((2 * i) + 2, _entries[row + i]);
            }

            _insertMany.Run();
        }

        for (; row < _waiting; row++)
        {
            _insertOne.Bind(1, _keys[row]).Bind(2, _entries[row]).Run();
        }

        _waiting = 0;
    }

    /// <summary>Forgets what waits: its transaction or savepoint was rolled back.</summary>
    public void Discard() => _waiting = 0;

    private static string Multi(string insert)
    {
        StringBuilder sql = new(insert);
        for (int i = 0; i < RowsPerStatement; i++)
        {
            sql.Append(i == 0 ? "(?,?)" : ",(?,?)");
        }

        return sql.ToString();
    }
}
