using System.Globalization;
using Postern.Ldap;

namespace Postern.Directory.Storage;

/// <summary>
/// Makes names and indexes anew from the entries, inside the transaction of a migration: for versions whose normal forms (RFC 4518) were others.
/// What an index would find by the old form could never be found by the new one.
/// </summary>
internal static class NormalForms
{
    /// <summary>Names beyond ASCII get their normal form, and their place in the index; all other indexes are emptied and forgotten, so that
    /// the opening fills them again (<see cref="IndexSet.Load"/>).</summary>
    /// <remarks>Two names that were different may be the same now ("Straße" and "Strasse"). Both entries stay; the check says so.</remarks>
    public static void Rebuild(Database database)
    {
        const long firstOfAttributes = (StoreLayout.NameAttribute + 1L) << KeyHash.Bits;
        database.Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"DELETE FROM attribute; DELETE FROM text; DELETE FROM key WHERE key >= {firstOfAttributes}; DELETE FROM fresh WHERE key >= {firstOfAttributes}"));

        List<(long Id, long Parent, string Rdn, string Old)> names = [];
        using (Statement rows = database.Prepare("SELECT id, parent, rdn, coalesce(norm, rdn) FROM entry WHERE rdn GLOB '*[^ -~]*' OR norm GLOB '*[^ -~]*'"))
        {
            while (rows.Step())
            {
                names.Add((rows.Integer(0), rows.Integer(1), rows.Text(2), rows.Text(3)));
            }
        }

        KeyTable keys = new(database);
        using Statement update = database.Prepare("UPDATE entry SET norm = ? WHERE id = ?");
        foreach ((long id, long parent, string rdn, string old) in names)
        {
            // The rdn of a suffix is its whole name.
            string now = DistinguishedName.TryParse(rdn, out DistinguishedName name, out _) ? name.Normalized : old;
            if (now == old)
            {
                continue;
            }

            keys.Delete(EntryTable.NameKey(parent, old), id);
            keys.Insert(EntryTable.NameKey(parent, now), id);
            (now == rdn ? update.BindNull(1) : update.BindText(1, now)).Bind(2, id).Run();
        }

        keys.FlushAndMove();
    }
}
