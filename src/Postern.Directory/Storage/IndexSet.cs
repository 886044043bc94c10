using System.Globalization;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Storage;

/// <summary>The attributes that have an index, as they stand in the file.</summary>
internal sealed class IndexSet
{
    private readonly Dictionary<AttributeType, IndexedAttribute> _byType = new(ReferenceEqualityComparer.Instance);

    public IndexedAttribute? Find(AttributeType type) => _byType.GetValueOrDefault(type);

    /// <summary>The indexes as the file has them, changing nothing.</summary>
    /// <exception cref="StoreFailureException">The file has an index of an attribute that the schema does not know.</exception>
    public static IndexSet Read(Database database, DirectorySchema schema)
    {
        IndexSet set = new();
        foreach ((string name, (int number, IndexKind kind)) in ReadStored(database))
        {
            AttributeType type = schema.FindAttribute(name)
                ?? throw new StoreFailureException(SQLitePCL.raw.SQLITE_CORRUPT, 0, $"there is an index of {name}, which this schema does not know");
            set._byType.Add(type, new IndexedAttribute(number, type, kind));
        }

        return set;
    }

    /// <summary>Brings the file's indexes in line with the options: what is new is filled from the entries, what is gone is removed.</summary>
    /// <exception cref="ArgumentException">An attribute that the schema does not know, or that cannot be indexed.</exception>
    public static IndexSet Load(Database database, DirectorySchema schema, IReadOnlyList<string> wanted, LdapLimits limits)
    {
        IndexSet set = new();
        List<IndexedAttribute> added = [];
        database.Execute("BEGIN IMMEDIATE");
        Dictionary<string, (int Number, IndexKind Kind)> stored = ReadStored(database);
        int last = stored.Values.Select(s => s.Number).DefaultIfEmpty(StoreLayout.NameAttribute).Max();
        foreach (string name in wanted)
        {
            AttributeType type = Wanted(schema, name);
            if (set._byType.ContainsKey(type))
            {
                continue;
            }

            IndexKind kind = IndexedAttribute.KindOf(type);
            if (stored.Remove(type.Name, out (int Number, IndexKind Kind) known))
            {
                if (known.Kind == kind)
                {
                    set._byType.Add(type, new IndexedAttribute(known.Number, type, kind));
                    continue;
                }

                Remove(database, known.Number);
            }

            IndexedAttribute attribute = new(NextNumber(ref last), type, kind);
            database.Execute(string.Create(
                CultureInfo.InvariantCulture, $"INSERT INTO attribute VALUES({attribute.Number}, '{type.Name}', {(int)kind})"));
            set._byType.Add(type, attribute);
            added.Add(attribute);
        }

        foreach ((int number, _) in stored.Values)
        {
            Remove(database, number);
        }

        if (added.Count > 0)
        {
            Fill(database, schema, added, limits);
        }

        database.Execute("COMMIT");
        return set;
    }

    /// <summary>What the entry has in the indexes. Values must be what the rules accepted.</summary>
    public EntryKeys KeysOf(IReadOnlyList<LdapAttribute> attributes, DirectorySchema schema)
    {
        EntryKeys keys = new();
        foreach (LdapAttribute attribute in attributes)
        {
            if (schema.FindAttribute(attribute.TypeName()) is { } type && Find(type) is { } index)
            {
                foreach (ReadOnlyMemory<byte> value in attribute.Values)
                {
                    if (schema.TryNormalize(type, value, out ReadOnlyMemory<byte> normal))
                    {
                        keys.Add(index, normal.Span);
                    }
                }
            }
        }

        keys.RemoveDuplicates();
        return keys;
    }

    private static int NextNumber(ref int last) => last < IndexedAttribute.MaxNumber
        ? ++last
        : throw new ArgumentException($"more than {IndexedAttribute.MaxNumber} attributes were indexed in the life of this directory");

    private static AttributeType Wanted(DirectorySchema schema, string name)
    {
        AttributeType type = schema.FindAttribute(name)
            ?? throw new ArgumentException($"IndexedAttributes: {name} is not in the schema");
        return type is { Operational: false, Equality: not MatchingRule.None }
            ? type
            : throw new ArgumentException($"IndexedAttributes: {name} has no equality rule, or the directory itself maintains it");
    }

    private static Dictionary<string, (int Number, IndexKind Kind)> ReadStored(Database database)
    {
        Dictionary<string, (int, IndexKind)> stored = new(StringComparer.OrdinalIgnoreCase);
        foreach (string row in database.QueryTexts("SELECT id || ' ' || kind || ' ' || name FROM attribute"))
        {
            string[] parts = row.Split(' ');
            stored.Add(parts[2], (int.Parse(parts[0], CultureInfo.InvariantCulture), (IndexKind)int.Parse(parts[1], CultureInfo.InvariantCulture)));
        }

        return stored;
    }

    private static void Remove(Database database, int number)
    {
        long first = (long)number << KeyHash.Bits;
        long last = first | ((1L << KeyHash.Bits) - 1);
        database.Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"DELETE FROM attribute WHERE id = {number}; DELETE FROM text WHERE attribute = {number}; DELETE FROM key WHERE key BETWEEN {first} AND {last}; DELETE FROM fresh WHERE key BETWEEN {first} AND {last}"));
    }

    private static void Fill(Database database, DirectorySchema schema, List<IndexedAttribute> added, LdapLimits limits)
    {
        IndexSet fresh = new();
        added.ForEach(a => fresh._byType.Add(a.Type, a));
        KeyTable keys = new(database);
        using Statement rows = database.Prepare("SELECT id, attributes FROM entry");
        while (rows.Step())
        {
            IReadOnlyList<LdapAttribute> attributes = AttributeListCodec.Decode(rows.Blob(1).ToArray(), limits);
            keys.Insert(fresh.KeysOf(attributes, schema), rows.Integer(0));
        }

        keys.FlushAndMove();
    }
}
