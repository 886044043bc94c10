using System.Globalization;
using System.Text;
using Postern.EdgeSync.Sources.Feeds;

namespace Postern.EdgeSync.Sources.ChangeLog;

/// <summary>How far a changelog was read: <c>changelog:NUMBER/STAMP</c>.</summary>
/// <param name="Stamp">Of the record with this number; empty where there was none.</param>
internal readonly record struct ChangeLogCookie(long Number, string Stamp)
{
    public const string Kind = "changelog";

    public static bool TryRead(SourceCookie cookie, out ChangeLogCookie read)
    {
        read = default;
        if (FeedCookie.Read(Kind, cookie) is not { } payload || Encoding.UTF8.GetString(payload).Split('/', 2) is not [{ } number, { } stamp]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return false;
        }

        read = new ChangeLogCookie(value, stamp);
        return true;
    }

    public SourceCookie Write() => FeedCookie.Write(Kind, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Number}/{Stamp}")));
}
