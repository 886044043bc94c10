namespace Postern.Certificates;

/// <summary>
/// Whether root may work by name in a folder. Whoever owns a folder, or one above it, can put a link where a file was a moment ago: root
/// would write, delete, or run what they choose.
/// </summary>
public static class OwnGround
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <param name="folder">Need not exist; what is above it counts then.</param>
    /// <returns>The first folder on the way that others than root can change; null: none is, or this process is not root.</returns>
    public static string? FirstForeign(string folder)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return null;
        }

        for (string? one = Path.GetFullPath(folder); one is not null; one = Path.GetDirectoryName(one))
        {
            DirectoryInfo place = new(one);
            if (place.LinkTarget is not null)
            {
                // What the link stands in is judged below; here where it leads to.
                if (FirstForeign(place.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? one) is { } beyond)
                {
                    return beyond;
                }
            }
            else if (place.Exists && (!FileOwner.IsMine(one) || IsOpen(place.UnixFileMode)))
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>In a sticky folder, as /tmp, everybody may add, but nobody may move what is another's.</summary>
    private static bool IsOpen(UnixFileMode mode) => (mode & WritableByOthers) != UnixFileMode.None && !mode.HasFlag(UnixFileMode.StickyBit);
}
