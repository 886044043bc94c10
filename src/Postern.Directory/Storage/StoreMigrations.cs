using System.Globalization;

namespace Postern.Directory.Storage;

/// <summary>Steps from one version of the tables to the next, each in the one transaction of the opening.</summary>
internal static class StoreMigrations
{
    private const int LastWithSimpleNormalForms = 2;

    /// <summary>SQL by the version that it starts from.</summary>
    private static readonly Dictionary<int, string> Steps = new()
    {
        // Version 1 found children by an index on entry(parent) and took ids and change numbers from the largest in use,
        // which let a deleted entry's id come back.
        [1] =
            """
            CREATE TABLE tree(parent INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(parent, entry)) WITHOUT ROWID;
            INSERT INTO tree SELECT parent, id FROM entry ORDER BY parent, id;
            DROP INDEX entry_parent;
            CREATE TABLE fresh(key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(key, entry)) WITHOUT ROWID;
            CREATE TABLE state(id INTEGER PRIMARY KEY CHECK(id = 1), csn INTEGER NOT NULL, next_entry INTEGER NOT NULL);
            INSERT INTO state SELECT 1, coalesce(max(csn), 0), coalesce(max(id), 0) + 1 FROM entry;
            """,

        // Version 2 could not say what changed since a change number, and its normal forms were made without Unicode's form KC and full case
        // folding: see NormalForms.
        [2] =
            $"""
            ALTER TABLE state ADD COLUMN instance BLOB NOT NULL DEFAULT x'';
            ALTER TABLE state ADD COLUMN gone_from INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE state ADD COLUMN moved_from INTEGER NOT NULL DEFAULT 0;
            UPDATE state SET instance = randomblob(16), gone_from = csn, moved_from = csn;
            {StoreLayout.Changes}
            """,
    };

    public static void Run(Database database, int from)
    {
        for (int version = from; version < StoreLayout.Version; version++)
        {
            database.Execute(Steps[version]);
        }

        if (from <= LastWithSimpleNormalForms)
        {
            NormalForms.Rebuild(database);
        }

        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {StoreLayout.Version}"));
    }
}
