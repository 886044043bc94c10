using System.Text;

namespace Postern.Directory.Storage;

/// <summary>
/// Rows of two integers on their way into a table. They wait here and go out sorted, many in one statement: neighbours in a tree share the
/// way down to their page, and one statement keeps its cursor between rows.
/// </summary>
internal sealed class RowBuffer(Database database, string insert)
{
    /// <summary>Rows of one multi-row statement. Past some 50 the cost per row no longer falls; measured in bench/directory.</summary>
    private const int RowsPerStatement = 64;

    /// <summary>Rows that wait at most; 16 octets each.</summary>
    private const int MaxWaiting = 32768;

    private readonly Statement _many = database.Prepare(Multi(insert));
    private readonly Statement _one = database.Prepare($"{insert} VALUES (?,?)");
    private long[] _first = new long[1024];
    private long[] _second = new long[1024];
    private int _waiting;

    public void Add(long first, long second)
    {
        if (_waiting == _first.Length)
        {
            if (_waiting >= MaxWaiting)
            {
                Flush();
            }
            else
            {
                Array.Resize(ref _first, _waiting * 2);
                Array.Resize(ref _second, _waiting * 2);
            }
        }

        _first[_waiting] = first;
        _second[_waiting++] = second;
    }

    public void Flush()
    {
        if (_waiting == 0)
        {
            return;
        }

        Array.Sort(_first, _second, 0, _waiting);
        int row = 0;
        for (; _waiting - row >= RowsPerStatement; row += RowsPerStatement)
        {
            for (int i = 0; i < RowsPerStatement; i++)
            {
                _many.Bind((2 * i) + 1, _first[row + i]).Bind((2 * i) + 2, _second[row + i]);
            }

            _many.Run();
        }

        for (; row < _waiting; row++)
        {
            _one.Bind(1, _first[row]).Bind(2, _second[row]).Run();
        }

        _waiting = 0;
    }

    /// <summary>Forgets what waits: its transaction or savepoint was rolled back.</summary>
    public void Discard() => _waiting = 0;

    private static string Multi(string insert)
    {
        StringBuilder sql = new($"{insert} VALUES ");
        for (int i = 0; i < RowsPerStatement; i++)
        {
            sql.Append(i == 0 ? "(?,?)" : ",(?,?)");
        }

        return sql.ToString();
    }
}
