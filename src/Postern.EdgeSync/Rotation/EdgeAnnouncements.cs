using Postern.Certificates;
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
                ReadOnlyMemory<byte> next = Value(entry, PosternAttributes.NextCertificate);

                // What nothing can be sealed for is not trusted and not stored: every hub of the site would stumble over it.
                return current.IsEmpty ? null : new EdgeAnnouncement(current, CertificateKeys.CanSeal(next.Span) ? next : default);
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
