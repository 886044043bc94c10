using System.Globalization;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Storage;

/// <summary>Whether entries, tree and indexes agree: each entry has its rows, and there are no others.</summary>
internal sealed class ConsistencyCheck(Database database, DirectorySchema schema, IndexSet indexes, LdapLimits limits)
{
    private const int MaxFaults = 100;

    private const int RowsPerCheck = 1024;

    private readonly List<string> _faults = [];
    private long _expectedKeys;
    private long _expectedTexts;
    private long _expectedTree;
    private long _all;

    /// <summary>Entries looked at.</summary>
    public long Entries => _expectedTree;

    /// <summary>Called with the entries looked at so far, and all of them.</summary>
    public Action<long, long>? Progress { get; init; }

    public IReadOnlyList<string> Run(CancellationToken cancellationToken)
    {
        database.Execute("BEGIN");
        _all = database.QueryInteger("SELECT count(*) FROM tree");
        foreach (string line in database.QueryTexts(string.Create(CultureInfo.InvariantCulture, $"PRAGMA integrity_check({MaxFaults})")))
        {
            if (line != "ok")
            {
                Fault($"file: {line}");
            }
        }

        CheckEntries(cancellationToken);
        CheckCount("(SELECT key, entry FROM key UNION ALL SELECT key, entry FROM fresh)", _expectedKeys, "key and fresh");
        CheckCount("text", _expectedTexts);
        CheckCount("tree", _expectedTree);
        long next = database.QueryInteger("SELECT next_entry FROM state");
        if (database.QueryInteger("SELECT coalesce(max(id), 0) FROM entry") >= next)
        {
            Fault($"state: the next entry would be {next}, which is taken");
        }

        if (database.QueryInteger("SELECT count(*) FROM gone g JOIN entry e ON e.id = g.entry") is var alive and > 0)
        {
            Fault($"gone: {alive} entries that are there are said to be deleted");
        }

        if (database.QueryInteger("SELECT max((SELECT coalesce(max(csn), 0) FROM entry), (SELECT coalesce(max(csn), 0) FROM gone)) - csn FROM state") > 0)
        {
            Fault("state: a change number is larger than the last one given");
        }

        database.Execute("COMMIT");
        return _faults;
    }

    private void CheckEntries(CancellationToken cancellationToken)
    {
        using Statement rows = database.Prepare($"SELECT {EntryRow.Columns} FROM entry e ORDER BY e.id");
        using Statement key = database.Prepare("SELECT 1 FROM fresh WHERE key = ?1 AND entry = ?2 UNION ALL SELECT 1 FROM key WHERE key = ?1 AND entry = ?2");
        using Statement text = database.Prepare("SELECT 1 FROM text WHERE attribute = ? AND value = ? AND entry = ?");
        using Statement tree = database.Prepare("SELECT 1 FROM tree WHERE parent = ? AND entry = ?");
        using Statement parent = database.Prepare("SELECT 1 FROM entry WHERE id = ?");
        using Statement twins = database.Prepare(
            """
            SELECT count(*) FROM (SELECT entry FROM key WHERE key = ?1 UNION ALL SELECT entry FROM fresh WHERE key = ?1) k
            JOIN entry e ON e.id = k.entry WHERE e.parent = ?2 AND coalesce(e.norm, e.rdn) = ?3
            """);
        while (rows.Step() && _faults.Count < MaxFaults)
        {
            EntryRow row = EntryRow.Read(rows);
            if (++_expectedTree % RowsPerCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Progress?.Invoke(_expectedTree, _all);
            }

            long name = EntryTable.NameKey(row.Parent, row.Normalized);
            _expectedKeys++;
            Expect(Exists(key.Bind(1, name).Bind(2, row.Id)), row, "its name is not in the index");
            twins.Bind(1, name).Bind(2, row.Parent).BindText(3, row.Normalized).Step();
            Expect(twins.Integer(0) <= 1, row, "another entry has the same name");
            twins.Reset();
            Expect(Exists(tree.Bind(1, row.Parent).Bind(2, row.Id)), row, "it is missing in the tree");
            Expect(row.Parent == StoreLayout.NoParent || Exists(parent.Bind(1, row.Parent)), row, "its parent does not exist");
            CheckKeys(row, key, text);
        }
    }

    private void CheckKeys(EntryRow row, Statement key, Statement text)
    {
        EntryKeys keys;
        try
        {
            keys = indexes.KeysOf(AttributeListCodec.Decode(row.Attributes, limits), schema);
        }
        catch (LdapProtocolException e)
        {
            Fault($"entry {row.Id} ({row.Rdn}): its attributes cannot be read: {e.Message}");
            return;
        }

        _expectedKeys += keys.HashCount;
        _expectedTexts += keys.Texts?.Count ?? 0;
        foreach (long hash in keys.Hashes)
        {
            Expect(Exists(key.Bind(1, hash).Bind(2, row.Id)), row, $"a value is not in the index of attribute {hash >> KeyHash.Bits}");
        }

        foreach (TextKey one in keys.Texts ?? [])
        {
            Expect(Exists(text.Bind(1, one.Attribute).Bind(2, one.Value).Bind(3, row.Id)), row, $"a value is not in the index of attribute {one.Attribute}");
        }
    }

    private void CheckCount(string table, long expected, string? name = null)
    {
        long rows = database.QueryInteger($"SELECT count(*) FROM {table}");
        if (rows != expected && _faults.Count < MaxFaults)
        {
            Fault($"{name ?? table}: {rows} rows where the entries ask for {expected}");
        }
    }

    private static bool Exists(Statement statement)
    {
        bool found = statement.Step();
        statement.Reset();
        return found;
    }

    private void Expect(bool holds, EntryRow row, string fault)
    {
        if (!holds)
        {
            Fault($"entry {row.Id} ({row.Rdn}): {fault}");
        }
    }

    private void Fault(string line)
    {
        if (_faults.Count < MaxFaults)
        {
            _faults.Add(line);
        }
    }
}
