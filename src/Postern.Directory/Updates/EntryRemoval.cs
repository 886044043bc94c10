using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Updates;

/// <summary>Takes entries, with their index rows, out of the tables inside the writer's transaction.</summary>
internal sealed class EntryRemoval(Database database, EntryTable entries, KeyTable keys, ChangeTrace trace, IndexSet indexes, DirectorySchema schema, LdapLimits limits)
{
    private readonly Statement _delete = database.Prepare("DELETE FROM entry WHERE id = ?");
    private readonly Statement _deleteTree = database.Prepare("DELETE FROM tree WHERE parent = ? AND entry = ?");
    private readonly Statement _children = database.Prepare("SELECT entry FROM tree WHERE parent = ?");

    /// <summary>An entry without children.</summary>
    public void Remove(EntryRow row, string dn, long csn)
    {
        EntryKeys gone = indexes.KeysOf(AttributeListCodec.Decode(row.Attributes, limits), schema);
        keys.Delete(EntryTable.NameKey(row.Parent, row.Normalized), row.Id);
        foreach (long key in gone.Hashes)
        {
            keys.Delete(key, row.Id);
        }

        foreach (TextKey text in gone.Texts ?? [])
        {
            keys.Delete(text, row.Id);
        }

        _deleteTree.Bind(1, row.Parent).Bind(2, row.Id).Run();
        _delete.Bind(1, row.Id).Run();
        Span<byte> uuid = stackalloc byte[16];
        row.Uuid.TryWriteBytes(uuid, bigEndian: true, out _);
        trace.Gone(csn, uuid, row.Id, dn);
    }

    /// <summary>An entry and all below it, parents before children.</summary>
    /// <exception cref="LdapException">adminLimitExceeded, insufficientAccessRights: nothing was changed.</exception>
    public List<TreeNode> Collect(TreeNode top, Func<TreeNode, bool> mayDelete, int maxEntries)
    {
        TreeCache places = new();
        List<TreeNode> found = [top];
        List<long> below = [];
        for (int i = 0; i < found.Count; i++)
        {
            if (!mayDelete(found[i]))
            {
                throw EntryRules.Refuse(LdapResultCode.InsufficientAccessRights, top.Dn, "a tree delete needs the right to delete every entry of the tree");
            }

            below.Clear();
            _children.Bind(1, found[i].Id);
            while (below.Count <= maxEntries && _children.Step())
            {
                below.Add(_children.Integer(0));
            }

            _children.Reset();
            if (found.Count + below.Count > maxEntries)
            {
                throw EntryRules.Refuse(
                    LdapResultCode.AdminLimitExceeded, top.Dn, $"the tree has more than the {maxEntries} entries that one tree delete may remove (MaxTreeDeleteEntries)");
            }

            foreach (long id in below)
            {
                found.Add(entries.Below(found[i], id));
            }
        }

        return found;
    }
}
