namespace Postern.Certificates;

/// <summary>Who may read the key of a certificate of the store: what Exchange shows as AccessRules.</summary>
public static class KeyAccess
{
    /// <returns>E.g. <c>["root rw-------", "group root ---------"]</c>; empty where there is no key, or it cannot be looked at.</returns>
    public static IReadOnlyList<string> Rules(string keyFile)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(keyFile))
        {
            return [];
        }

        try
        {
            string mode = Text(File.GetUnixFileMode(keyFile));
            (uint user, uint group) = FileOwner.Of(keyFile);
            return [$"{NameOf("/etc/passwd", user)}:{NameOf("/etc/group", group)} {mode}"];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>As ls(1) writes it.</summary>
    private static string Text(UnixFileMode mode) => string.Concat("rwxrwxrwx".Select((letter, place) => (((int)mode >> (8 - place)) & 1) == 1 ? letter : '-'));

    /// <summary>The first and the third field of passwd(5) and group(5); an account of another database stays a number.</summary>
    private static string NameOf(string database, uint number)
    {
        string text = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return !File.Exists(database) ? text
            : File.ReadLines(database).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == text)?[0] ?? text;
    }
}
