using System.Text;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>The cookie of a source with the kind of feed that it belongs to in front: <c>kind:octets</c>. A source whose server offers
/// another feed than last time does not hand it a cookie that it would misread.</summary>
internal static class FeedCookie
{
    public const string OtherKind = "the cookie is of another kind of feed than the source offers now";

    public static SourceCookie Write(string kind, ReadOnlySpan<byte> payload)
    {
        byte[] prefix = Encoding.ASCII.GetBytes(kind + ":");
        return new SourceCookie((byte[])[.. prefix, .. payload]);
    }

    public static SourceCookie Write(string kind, string payload) => Write(kind, Encoding.ASCII.GetBytes(payload));

    /// <returns>The payload, or null for a cookie of another kind.</returns>
    public static byte[]? Read(string kind, SourceCookie cookie)
    {
        ReadOnlySpan<byte> octets = cookie.Octets.Span;
        byte[] prefix = Encoding.ASCII.GetBytes(kind + ":");
        return octets.StartsWith(prefix) ? octets[prefix.Length..].ToArray() : null;
    }
}
