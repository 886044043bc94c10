using System.Globalization;

namespace Postern.Directory.Storage;

/// <summary>
/// A small file beside the database, written when it was closed with everything in it and taken away when it is opened. It names the
/// database's length and time of change: whatever touched the file since makes it void, and the opening reads the whole file again.
/// </summary>
internal static class CleanMark
{
    private const string Suffix = ".clean";

    public static string PathOf(string database) => database + Suffix;

    /// <summary>Whether the file was closed well and nothing has changed it since. Call before anybody opens it.</summary>
    public static bool IsValid(string database)
    {
        try
        {
            // A log that was left behind says that a process ended without closing.
            return !File.Exists(database + "-wal") && File.ReadAllText(PathOf(database)) == Describe(database);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Call when every connection is closed.</summary>
    public static void Write(string database)
    {
        if (File.Exists(database + "-wal"))
        {
            return;
        }

        try
        {
            using FileStream mark = StoreFile.Create(PathOf(database));
            mark.SetLength(0);
            mark.Write(System.Text.Encoding.ASCII.GetBytes(Describe(database)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the next opening takes longer, no more.
        }
    }

    public static void Remove(string database)
    {
        try
        {
            File.Delete(PathOf(database));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first write changes what it has to agree with.
        }
    }

    private static string Describe(string database)
    {
        FileInfo file = new(database);
        return string.Create(CultureInfo.InvariantCulture, $"closed 1 {file.Length} {file.LastWriteTimeUtc.Ticks}\n");
    }
}
