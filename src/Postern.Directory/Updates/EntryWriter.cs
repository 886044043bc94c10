using System.Text;
using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Updates;

/// <summary>
/// Applies prepared updates inside the writer's transaction. Each method first finds every reason to refuse, then writes: a refused
/// update has changed nothing.
/// </summary>
internal sealed class EntryWriter
{
    private readonly DirectoryOptions _options;
    private readonly EntryRules _rules;
    private readonly LdapLimits _limits;
    private readonly EntryTable _entries;
    private readonly KeyTable _keys;
    private readonly RowBuffer _tree;
    private readonly Statement _insert;
    private readonly Statement _update;
    private readonly Statement _rename;
    private readonly ChangeTrace _trace;
    private readonly EntryRemoval _removal;
    private readonly Statement _deleteTree;
    private readonly Statement _writeState;

    /// <summary>Names that wait in <see cref="_keys"/>: an entry added in this transaction must be found by the next one.</summary>
    private readonly Dictionary<(long Parent, string Rdn), long> _added = [];
    private TreeCache _places = new();
    private long _nextEntry;
    private long _csn;

    public EntryWriter(Database database, DirectoryOptions options, EntryRules rules, IndexSet indexes, IReadOnlyList<DistinguishedName> suffixes, LdapLimits limits)
    {
        (_options, _rules, _limits, Indexes) = (options, rules, limits, indexes);
        _entries = new EntryTable(database, suffixes);
        _keys = new KeyTable(database, options.MaxFreshKeys);
        _tree = new RowBuffer(database, "INSERT INTO tree(parent, entry)");
        _insert = database.Prepare("INSERT INTO entry(id, parent, rdn, norm, uuid, created, csn, attributes) VALUES (?,?,?,?,?,?,?,?)");
        _update = database.Prepare("UPDATE entry SET attributes = ?, csn = ? WHERE id = ?");
        _rename = database.Prepare("UPDATE entry SET parent = ?, rdn = ?, norm = ? WHERE id = ?");
        _trace = new ChangeTrace(database, options.MaxRememberedDeletes);
        _removal = new EntryRemoval(database, _entries, _keys, _trace, indexes, rules.Schema, limits);
        _deleteTree = database.Prepare("DELETE FROM tree WHERE parent = ? AND entry = ?");
        _writeState = database.Prepare("UPDATE state SET csn = ?, next_entry = ?");
        _csn = database.QueryInteger("SELECT csn FROM state");
        _nextEntry = database.QueryInteger("SELECT next_entry FROM state");
        SavedState = (_csn, _nextEntry);
    }

    public IndexSet Indexes { get; }

    /// <summary>Whether places that readers remember may no longer be true once this transaction is committed.</summary>
    public bool TreeChanged { get; private set; }

    /// <summary>Whether entries that readers remember may no longer be as they were.</summary>
    public bool RowsChanged { get; private set; }

    private (long Csn, long NextEntry) SavedState { get; set; }

    /// <param name="now">Microseconds since 1970.</param>
    /// <returns>Response controls.</returns>
    /// <exception cref="LdapException">Refused; nothing was changed.</exception>
    /// <exception cref="StoreFailureException">The store failed; the transaction is lost.</exception>
    public IReadOnlyList<LdapControl> Apply(PreparedUpdate update, long now)
    {
        // Change numbers grow even when the clock does not.
        _csn = Math.Max(now, _csn + 1);
        SurroundingReads? reads = update.Controls is { } controls ? new SurroundingReads(controls, _rules.Schema) : null;
        switch (update)
        {
            case PreparedAdd add:
                Add(add, reads);
                break;
            case PreparedModify modify:
                Modify(modify, reads);
                break;
            case PreparedDelete delete:
                Delete(delete, reads);
                break;
            case PreparedRename rename:
                Rename(rename, reads);
                break;
        }

        return reads?.Responses ?? [];
    }

    /// <summary>Writes what waits; call before a savepoint.</summary>
    public void Flush()
    {
        _keys.Flush();
        _tree.Flush();
        _added.Clear();
    }

    /// <summary>The last that a transaction writes.</summary>
    public void Finish()
    {
        Flush();
        _keys.FlushAndMove();
        _trace.Trim();
        _writeState.Bind(1, _csn).Bind(2, _nextEntry).Run();
    }

    public void Committed()
    {
        SavedState = (_csn, _nextEntry);
        TreeChanged = false;
        RowsChanged = false;
    }

    /// <summary>After a rollback: the transaction's, or to a savepoint (then the counters may keep their gaps).</summary>
    public void RolledBack(bool whole)
    {
        _keys.Discard();
        _tree.Discard();
        _added.Clear();
        _places = new TreeCache();
        _trace.RolledBack();
        if (whole)
        {
            (_csn, _nextEntry) = SavedState;
            TreeChanged = false;
            RowsChanged = false;
        }
    }

    private void Add(PreparedAdd add, SurroundingReads? reads)
    {
        DistinguishedName dn = add.Dn;
        TreeNode? parent = null;
        string norm = dn.Normalized;
        if (!_entries.IsSuffix(dn))
        {
            parent = Find(dn.Parent, out TreeNode? matched) ?? throw new LdapException(
                new LdapResult(LdapResultCode.NoSuchObject, $"{dn}: its parent {dn.Parent} does not exist", matched?.Dn ?? ""), "add");
            norm = dn.Rdn.Normalized;
        }

        long parentId = parent?.Id ?? StoreLayout.NoParent;
        if (_added.ContainsKey((parentId, norm)) || _entries.FindChild(parentId, norm) != 0)
        {
            throw EntryRules.Refuse(LdapResultCode.EntryAlreadyExists, dn.ToString(), "there is such an entry already");
        }

        long id = _nextEntry;
        string rdn = parent is null ? dn.ToString() : dn.Rdn.ToString();
        if (reads is not null)
        {
            EntryRow row = new(id, parentId, rdn, norm, add.Uuid, _csn, _csn, add.Attributes);
            string written = parent is null ? rdn : $"{rdn},{parent.Dn}";
            reads.Assert(written, dn.Normalized, row);
            reads.After(written, dn.Normalized, row);
        }

        _nextEntry++;
        Span<byte> uuid = stackalloc byte[16];
        add.Uuid.TryWriteBytes(uuid, bigEndian: true, out _);
        _insert.Bind(1, id).Bind(2, parentId).BindText(3, rdn).Bind(5, uuid).Bind(6, _csn).Bind(7, _csn).Bind(8, add.Attributes);
        BindNorm(_insert, 4, rdn, norm).Run();
        _tree.Add(parentId, id);
        _keys.Insert(EntryTable.NameKey(parentId, norm), id);
        _keys.Insert(add.Keys, id);
        _added.Add((parentId, norm), id);
    }

    private void Modify(PreparedModify modify, SurroundingReads? reads)
    {
        bool othersChanged = RowsChanged;
        (TreeNode node, EntryRow row) = Fetch(modify.Dn, "modify");
        reads?.Before(node.Dn, node.Normalized, row);
        string dn = modify.Dn.ToString();
        IReadOnlyList<LdapAttribute> before = AttributeListCodec.Decode(row.Attributes, _limits);
        List<LdapAttribute> after = [.. before];
        EntryChange change = new(dn, after, _rules);
        foreach (Modification one in modify.Changes)
        {
            change.Apply(one);
        }

        EntryKeys newKeys = _rules.Check(dn, after, out ClassShape shape);
        CheckNamingValues(dn, modify.Dn.Rdn, after);
        _rules.CheckSameStructure(dn, before, shape);
        byte[] encoded = AttributeListCodec.Encode(after);
        if (IsCheck(modify.Changes) && row.Attributes.Span.SequenceEqual(encoded))
        {
            // Octet for octet as it was: a check, such as the fence at the head of a batch. Nothing to write, to tell or to read anew.
            RowsChanged = othersChanged;
            reads?.After(node.Dn, node.Normalized, row);
            return;
        }

        Write(dn, row, before, encoded, newKeys);
        reads?.After(node.Dn, node.Normalized, row with { Attributes = encoded, Csn = _csn });
    }

    /// <summary>Values taken away and put back: asks whether they are there. A replace by the same values is a modification all the same.</summary>
    private static bool IsCheck(IReadOnlyList<Modification> changes) =>
        changes is [{ Type: ModificationType.Delete, Attribute.Values.Count: > 0 } gone, { Type: ModificationType.Add } back]
        && AttributeDescription.Comparer.Equals(gone.Attribute.Description, back.Attribute.Description);

    private void Delete(PreparedDelete delete, SurroundingReads? reads)
    {
        (TreeNode node, EntryRow row) = Fetch(delete.Dn, "delete");
        bool isLeaf = !_entries.HasChildren(row.Id);
        if (!isLeaf && delete.Tree is null)
        {
            throw EntryRules.Refuse(LdapResultCode.NotAllowedOnNonLeaf, delete.Dn.ToString(), "has entries below it; delete those first");
        }

        reads?.Before(node.Dn, node.Normalized, row);
        if (isLeaf)
        {
            // Nothing below it: what is remembered of other places stays true.
            _removal.Remove(row, node.Dn, _csn);
            _places.Remove(node);
            TreeChanged = true;
            return;
        }

        List<TreeNode> tree = _removal.Collect(node, delete.Tree!, _options.MaxTreeDeleteEntries);
        Forget();
        for (int i = tree.Count - 1; i >= 0; i--)
        {
            // Each a change of its own, children first: who follows the changes never sees an entry without its parent.
            _removal.Remove(_entries.Fetch(tree[i].Id)!, tree[i].Dn, _csn);
            _csn += i == 0 ? 0 : 1;
        }
    }

    private void Rename(PreparedRename rename, SurroundingReads? reads)
    {
        string dn = rename.Dn.ToString();
        (TreeNode node, EntryRow row) = Fetch(rename.Dn, "modifyDN");
        TreeNode parent = Find(rename.NewDn.Parent, out TreeNode? matched) ?? throw new LdapException(
            new LdapResult(LdapResultCode.NoSuchObject, $"{dn}: the new superior {rename.NewDn.Parent} does not exist", matched?.Dn ?? ""), "modifyDN");
        reads?.Before(node.Dn, node.Normalized, row);
        string norm = rename.NewDn.Rdn.Normalized;
        long taken = _entries.FindChild(parent.Id, norm);
        if (taken != 0 && taken != row.Id)
        {
            throw EntryRules.Refuse(LdapResultCode.EntryAlreadyExists, dn, $"there is already an entry {rename.NewDn}");
        }

        IReadOnlyList<LdapAttribute> before = AttributeListCodec.Decode(row.Attributes, _limits);
        List<LdapAttribute> after = [.. before];
        if (rename.DeleteOldRdn)
        {
            RemoveNamingValues(dn, rename.Dn.Rdn, after);
        }

        foreach ((string type, string value) in rename.NewDn.Rdn.Parts)
        {
            UpdatePreparation.AddNamingValue(after, _rules.TypeOf(dn, type), Encoding.UTF8.GetBytes(value), _rules, dn);
        }

        EntryKeys newKeys = _rules.Check(dn, after, out ClassShape shape);
        _rules.CheckSameStructure(dn, before, shape); // objectClass may be part of an RDN
        byte[] encoded = AttributeListCodec.Encode(after);
        Write(dn, row, before, encoded, newKeys);
        Forget();
        _keys.Delete(EntryTable.NameKey(row.Parent, row.Normalized), row.Id);
        _keys.Insert(EntryTable.NameKey(parent.Id, norm), row.Id);
        _keys.Flush();
        string rdn = rename.NewDn.Rdn.ToString();
        _rename.Bind(1, parent.Id).BindText(2, rdn).Bind(4, row.Id);
        BindNorm(_rename, 3, rdn, norm).Run();
        if (parent.Id != row.Parent)
        {
            _deleteTree.Bind(1, row.Parent).Bind(2, row.Id).Run();
            _tree.Add(parent.Id, row.Id);
            _tree.Flush();
        }

        _trace.Moved(_csn, row.Id);
        reads?.After(
            $"{rdn},{parent.Dn}", $"{norm},{parent.Normalized}",
            row with { Parent = parent.Id, Rdn = rdn, Normalized = norm, Attributes = encoded, Csn = _csn });
    }

    private void Write(string dn, EntryRow row, IReadOnlyList<LdapAttribute> before, byte[] encoded, EntryKeys newKeys)
    {
        UpdatePreparation.CheckSize(dn, encoded, _options);
        EntryKeys oldKeys = Indexes.KeysOf(before, _rules.Schema);
        foreach (long key in oldKeys.Hashes)
        {
            if (!newKeys.Hashes.Contains(key))
            {
                _keys.Delete(key, row.Id);
            }
        }

        foreach (long key in newKeys.Hashes)
        {
            if (!oldKeys.Hashes.Contains(key))
            {
                _keys.Insert(key, row.Id);
            }
        }

        List<TextKey> oldTexts = oldKeys.Texts ?? [];
        List<TextKey> newTexts = newKeys.Texts ?? [];
        oldTexts.Except(newTexts).ToList().ForEach(t => _keys.Delete(t, row.Id));
        newTexts.Except(oldTexts).ToList().ForEach(t => _keys.Insert(t, row.Id));
        _update.Bind(1, encoded).Bind(2, _csn).Bind(3, row.Id).Run();
    }

    private (TreeNode Node, EntryRow Row) Fetch(DistinguishedName dn, string what)
    {
        RowsChanged = true; // every update of an entry that is there begins here

        // Names that wait are not in the table yet.
        if (_added.Count > 0)
        {
            Flush();
        }

        TreeNode? node = _entries.Resolve(dn, _places, remember: false, out TreeNode? matched);
        return node is null
            ? throw new LdapException(new LdapResult(LdapResultCode.NoSuchObject, $"{dn}: no such entry", matched?.Dn ?? ""), what)
            : (node, _entries.Fetch(node.Id)!);
    }

    private TreeNode? Find(DistinguishedName dn, out TreeNode? matched)
    {
        if (_places.Find(dn.Normalized) is { } known)
        {
            matched = null;
            return known;
        }

        Flush();
        return _entries.Resolve(dn, _places, remember: true, out matched);
    }

    private void Forget()
    {
        _places = new TreeCache();
        TreeChanged = true;
    }

    private void CheckNamingValues(string dn, RelativeDistinguishedName rdn, List<LdapAttribute> attributes)
    {
        foreach ((string typeName, string value) in rdn.Parts)
        {
            AttributeType type = _rules.TypeOf(dn, typeName);
            LdapAttribute? attribute = attributes.Find(a => AttributeDescription.Comparer.Equals(a.Description, type.Name));
            if (attribute is null || _rules.IndexOfValue(type, attribute.Values, Encoding.UTF8.GetBytes(value)) < 0)
            {
                throw EntryRules.Refuse(LdapResultCode.NotAllowedOnRdn, dn, $"{type.Name} names the entry; rename it instead (modifyDN)");
            }
        }
    }

    private void RemoveNamingValues(string dn, RelativeDistinguishedName rdn, List<LdapAttribute> attributes)
    {
        foreach ((string typeName, string value) in rdn.Parts)
        {
            AttributeType type = _rules.TypeOf(dn, typeName);
            int position = attributes.FindIndex(a => AttributeDescription.Comparer.Equals(a.Description, type.Name));
            int index = position < 0 ? -1 : _rules.IndexOfValue(type, attributes[position].Values, Encoding.UTF8.GetBytes(value));
            if (index < 0)
            {
                continue;
            }

            List<ReadOnlyMemory<byte>> left = [.. attributes[position].Values];
            left.RemoveAt(index);
            if (left.Count == 0)
            {
                attributes.RemoveAt(position);
            }
            else
            {
                attributes[position] = new LdapAttribute(attributes[position].Description, left);
            }
        }
    }

    private static Statement BindNorm(Statement statement, int parameter, string rdn, string norm) =>
        rdn == norm ? statement.BindNull(parameter) : statement.BindText(parameter, norm);
}
