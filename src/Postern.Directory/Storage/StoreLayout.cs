namespace Postern.Directory.Storage;

/// <summary>
/// The tables of version 3. Rows that arrive in random order (hashes, names) go to <c>key</c>, as small as they can be: a bulk load is bound by
/// the pages which each commit touches. New ones stay in the small <c>fresh</c> for a while and move in bulk, which writes a third as much.
/// Everything else grows at its end.
/// </summary>
internal static class StoreLayout
{
    /// <summary>"Post": marks the file as ours in SQLite's header.</summary>
    public const int ApplicationId = 0x506F7374;

    public const int Version = 3;

    /// <summary>The number of entry names among the attributes of <c>key</c>.</summary>
    public const int NameAttribute = 0;

    /// <summary>What suffix entries have as their parent.</summary>
    public const long NoParent = 0;

    /// <summary>Octets of the directory's instance id.</summary>
    public const int InstanceBytes = 16;

    public const string Tables =
        """
        -- One row: the last change number given (microseconds since 1970), the next entry's id (ids are never used twice), the instance
        -- of the directory (random: change numbers of another instance mean nothing here), and the change numbers up to which rows of
        -- "gone" and "moved" may have been dropped.
        CREATE TABLE state(
          id INTEGER PRIMARY KEY CHECK(id = 1), csn INTEGER NOT NULL, next_entry INTEGER NOT NULL,
          instance BLOB NOT NULL DEFAULT x'', gone_from INTEGER NOT NULL DEFAULT 0, moved_from INTEGER NOT NULL DEFAULT 0);
        INSERT INTO state VALUES(1, 0, 1, randomblob(16), 0, 0);

        -- Indexed attribute types. kind 0: by hash in "key", 1: by text in "text".
        CREATE TABLE attribute(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, kind INTEGER NOT NULL);

        -- rdn as written, norm its normal form where that differs; a suffix has its whole name there, and parent 0.
        -- created and csn are microseconds since 1970; attributes is a BER AttributeList of the user attributes.
        CREATE TABLE entry(
          id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, rdn TEXT NOT NULL, norm TEXT,
          uuid BLOB NOT NULL, created INTEGER NOT NULL, csn INTEGER NOT NULL, attributes BLOB NOT NULL);

        CREATE TABLE tree(parent INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(parent, entry)) WITHOUT ROWID;

        -- key = attribute number << 48 | hash: of (parent, norm) for attribute 0, else of the value's normal form.
        CREATE TABLE key(key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(key, entry)) WITHOUT ROWID;

        -- The same for what came last; a key is in one of the two.
        CREATE TABLE fresh(key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(key, entry)) WITHOUT ROWID;

        -- value: the normal form, cut off after 128 octets.
        CREATE TABLE text(
          attribute INTEGER NOT NULL, value BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY(attribute, value, entry)) WITHOUT ROWID;

        """
        + Changes;

    /// <summary>What tells readers what changed after a change number. All of it grows at its end.</summary>
    public const string Changes =
        """
        CREATE INDEX entry_csn ON entry(csn);

        -- Deleted entries, with the name as it was; and entries that were renamed or moved, together with all below them.
        CREATE TABLE gone(csn INTEGER PRIMARY KEY, uuid BLOB NOT NULL, entry INTEGER NOT NULL, dn TEXT NOT NULL);
        CREATE TABLE moved(csn INTEGER PRIMARY KEY, entry INTEGER NOT NULL);
        """;
}
