using System.Globalization;

namespace Postern.EdgeSync.Accounts;

/// <summary>The user that this process runs as.</summary>
internal static class OwnUser
{
    private const string StatusFile = "/proc/self/status";
    private const string UserLine = "Uid:";

    /// <summary>The effective user id; null where the kernel does not say (not Linux).</summary>
    public static uint? Id { get; } = Read();

    /// <summary>proc(5): <c>Uid: real effective saved filesystem</c>.</summary>
    private static uint? Read()
    {
        if (!File.Exists(StatusFile))
        {
            return null;
        }

        string? line = File.ReadLines(StatusFile).FirstOrDefault(l => l.StartsWith(UserLine, StringComparison.Ordinal));
        string[] ids = line?[UserLine.Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return ids.Length > 1 && uint.TryParse(ids[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? id : null;
    }
}
