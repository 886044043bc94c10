using System.Globalization;

namespace Postern.Directory.Storage;

/// <summary>
/// Remembers, inside the writer's transaction, what the entries themselves cannot tell: which ones are gone and which ones moved with all that
/// is below them. Bounded: the oldest rows go when there are more than the options allow, and <c>state</c> says from where on they are complete.
/// </summary>
internal sealed class ChangeTrace
{
    private readonly Database _database;
    private readonly int _maxRows;
    private readonly Trace _gone;
    private readonly Trace _moved;
    private readonly Statement _insertGone;
    private readonly Statement _insertMoved;

    public ChangeTrace(Database database, int maxRows)
    {
        (_database, _maxRows) = (database, maxRows);
        _insertGone = database.Prepare("INSERT INTO gone(csn, uuid, entry, dn) VALUES (?,?,?,?)");
        _insertMoved = database.Prepare("INSERT INTO moved(csn, entry) VALUES (?,?)");
        _gone = new Trace(database, "gone");
        _moved = new Trace(database, "moved");
    }

    public void Gone(long csn, ReadOnlySpan<byte> uuid, long entry, string dn)
    {
        _insertGone.Bind(1, csn).Bind(2, uuid).Bind(3, entry).BindText(4, dn).Run();
        _gone.Rows++;
    }

    public void Moved(long csn, long entry)
    {
        _insertMoved.Bind(1, csn).Bind(2, entry).Run();
        _moved.Rows++;
    }

    /// <summary>At the end of a transaction: drops what is too much.</summary>
    public void Trim()
    {
        _gone.Trim(_database, _maxRows);
        _moved.Trim(_database, _maxRows);
    }

    public void RolledBack()
    {
        _gone.Count(_database);
        _moved.Count(_database);
    }

    private sealed class Trace
    {
        private readonly string _table;

        public Trace(Database database, string table)
        {
            _table = table;
            Count(database);
        }

        public long Rows { get; set; }

        public void Count(Database database) => Rows = database.QueryInteger($"SELECT count(*) FROM {_table}");

        public void Trim(Database database, int maxRows)
        {
            if (Rows <= maxRows)
            {
                return;
            }

            long last = database.QueryInteger(string.Create(
                CultureInfo.InvariantCulture, $"SELECT csn FROM {_table} ORDER BY csn LIMIT 1 OFFSET {Rows - maxRows - 1}"));
            database.Execute(string.Create(
                CultureInfo.InvariantCulture, $"DELETE FROM {_table} WHERE csn <= {last}; UPDATE state SET {_table}_from = {last}"));
            Rows = maxRows;
        }
    }
}
