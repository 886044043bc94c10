namespace Postern.Directory.Storage;

/// <summary>
/// Which directory this is. Who remembers a change number remembers the instance with it. A file that goes back in time (restored from a
/// copy) must become another instance: its change numbers will be given again, to other changes.
/// </summary>
internal static class StoreInstance
{
    /// <summary>Inside a transaction, or as one of its own. What was remembered of renames and deletes stays true of the entries that are there.</summary>
    public static void Renew(Database database) => database.Execute("UPDATE state SET instance = randomblob(16)");

    public static byte[] Read(Database database)
    {
        using Statement row = database.Prepare("SELECT instance FROM state");
        return row.Step() ? row.Blob(0).ToArray() : throw new InvalidOperationException("state has no row");
    }
}
