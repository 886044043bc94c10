using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Rotation;

/// <summary>What an edge says of its own certificates, as a hub reads it.</summary>
internal static class EdgeAnnouncements
{
    /// <returns>Null when it says nothing: an edge of an earlier version, or one that just begins.</returns>
    /// <exception cref="LdapException">The edge refused.</exception>
    public static async Task<EdgeAnnouncement?> ReadAsync(IDirectory edge, CancellationToken cancellationToken)
    {
        SearchRequest request = SearchRequest.ReadEntry(EdgeLayout.Subscription, PosternAttributes.EdgeCertificate, PosternAttributes.NextCertificate);
        try
        {
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                ReadOnlyMemory<byte> current = Value(entry, PosternAttributes.EdgeCertificate);
                return current.IsEmpty ? null : new EdgeAnnouncement(current, Value(entry, PosternAttributes.NextCertificate));
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return null;
    }

    /// <returns>Empty when there is none.</returns>
    public static ReadOnlyMemory<byte> Value(LdapEntry entry, string attribute) =>
        entry.Find(attribute) is { Values: [{ } value, ..] } ? value.ToArray() : default(ReadOnlyMemory<byte>);
}
