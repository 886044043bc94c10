using System.Globalization;
using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;
using Postern.Mail;

namespace Postern.Directory.Tests;

/// <summary>Writes a file as version 1 of the store left it: no tree, no state, children by an index.</summary>
internal static class VersionOneFixture
{
    private const string Tables =
        """
        CREATE TABLE attribute(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, kind INTEGER NOT NULL);
        CREATE TABLE entry(
          id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, rdn TEXT NOT NULL, norm TEXT,
          uuid BLOB NOT NULL, created INTEGER NOT NULL, csn INTEGER NOT NULL, attributes BLOB NOT NULL);
        CREATE INDEX entry_parent ON entry(parent);
        CREATE TABLE key(key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(key, entry)) WITHOUT ROWID;
        CREATE TABLE text(
          attribute INTEGER NOT NULL, value BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(attribute, value, entry)) WITHOUT ROWID;
        PRAGMA application_id = 0x506F7374;
        PRAGMA user_version = 1;
        """;

    private const int HashAttribute = 1;

    /// <summary>Units below the suffix whose normal form has changed since; below the first stands one of the same name.</summary>
    public static readonly string[] Names = ["Straße", "ﬁx", "Jose\u0301", "Ⅷ"];

    public static void Write(string path, int recipients)
    {
        File.Create(path).Dispose();
        using Database database = Database.Open(path, readOnly: false);
        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute(Tables);
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO attribute VALUES({HashAttribute}, '{PosternAttributes.AddressHash}', 0)"));
        database.Execute("BEGIN");
        AddEntry(database, 1, 0, "o=edge", [new LdapAttribute("objectClass", "organization"), new LdapAttribute("o", "edge")]);
        AddEntry(database, 2, 1, "ou=recipients", [new LdapAttribute("objectClass", "organizationalUnit"), new LdapAttribute("ou", "recipients")]);
        for (int i = 0; i < recipients; i++)
        {
            AddRequest add = TestDirectory.Recipient($"r{i}");
            AddEntry(database, 3 + i, 2, $"cn=r{i}", [.. add.Attributes, new LdapAttribute("cn", $"r{i}")]);
        }

        // The normal forms of then: simple lower case, no form KC.
        for (int i = 0; i < Names.Length; i++)
        {
            AddEntry(
                database, 3 + recipients + i, 1, $"ou={Names[i]}",
                [new LdapAttribute("objectClass", "organizationalUnit"), new LdapAttribute("ou", Names[i])], $"ou={Names[i].ToLowerInvariant()}");
        }

        AddEntry(
            database, 3 + recipients + Names.Length, 3 + recipients, $"ou={Names[0]}",
            [new LdapAttribute("objectClass", "organizationalUnit"), new LdapAttribute("ou", Names[0])], $"ou={Names[0].ToLowerInvariant()}");
        database.Execute("COMMIT");
    }

    /// <summary>What version 2 made of it: a tree, a state, and index rows that wait.</summary>
    public static void BringToVersionTwo(string path)
    {
        using Database database = Database.Open(path, readOnly: false);
        database.Execute(
            """
            BEGIN;
            CREATE TABLE tree(parent INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(parent, entry)) WITHOUT ROWID;
            INSERT INTO tree SELECT parent, id FROM entry ORDER BY parent, id;
            DROP INDEX entry_parent;
            CREATE TABLE fresh(key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(key, entry)) WITHOUT ROWID;
            CREATE TABLE state(id INTEGER PRIMARY KEY CHECK(id = 1), csn INTEGER NOT NULL, next_entry INTEGER NOT NULL);
            INSERT INTO state SELECT 1, coalesce(max(csn), 0), coalesce(max(id), 0) + 1 FROM entry;
            PRAGMA user_version = 2;
            COMMIT;
            """);
    }

    private static void AddEntry(Database database, long id, long parent, string rdn, IReadOnlyList<LdapAttribute> attributes, string? norm = null)
    {
        using Statement entry = database.Prepare("INSERT INTO entry VALUES(?, ?, ?, ?, ?, 1700000000000000, 1700000000000000, ?)");
        entry.Bind(1, id).Bind(2, parent).BindText(3, rdn).Bind(5, Guid.NewGuid().ToByteArray()).Bind(6, AttributeListCodec.Encode(attributes));
        (norm is null ? entry.BindNull(4) : entry.BindText(4, norm)).Run();
        using Statement key = database.Prepare("INSERT INTO key VALUES(?, ?)");
        key.Bind(1, KeyHash.Of(norm ?? rdn, parent)).Bind(2, id).Run();
        if (new LdapEntry("", attributes).Find(PosternAttributes.AddressHash) is { } hashes)
        {
            foreach (ReadOnlyMemory<byte> hash in hashes.Values)
            {
                key.Bind(1, ((long)HashAttribute << KeyHash.Bits) | KeyHash.Of(hash.Span)).Bind(2, id).Run();
            }
        }
    }
}
