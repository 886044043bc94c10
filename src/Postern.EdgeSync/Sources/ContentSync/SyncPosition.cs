using System.Text;
using Postern.EdgeSync.Sources.Feeds;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>How far a server has been read: its cookie, and the containers there were before it: <c>sync:digest;cookie</c>.</summary>
/// <param name="Containers">32 hexadecimal digits, see <see cref="ContainerWatch"/>. Null: not known.</param>
/// <param name="Cookie">As the server gave it.</param>
internal sealed record SyncPosition(string? Containers, byte[] Cookie)
{
    private const int DigestLength = 32;

    /// <returns>Null for a cookie of another feed.</returns>
    public static SyncPosition? Read(SourceCookie cookie)
    {
        if (FeedCookie.Read(ContentSyncFeed.Kind, cookie) is not { } payload)
        {
            return null;
        }

        int end = payload.AsSpan().IndexOf((byte)';');
        return end is 0 or DigestLength
            ? new SyncPosition(end == 0 ? null : Encoding.ASCII.GetString(payload, 0, end), payload[(end + 1)..])
            : null;
    }

    public SourceCookie Write() => FeedCookie.Write(ContentSyncFeed.Kind, [.. Encoding.ASCII.GetBytes($"{Containers};"), .. Cookie]);
}
