using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Auth;

/// <summary>Brings the public halves of the auth certificates to an edge, so that it can tell tokens of its organization from others.</summary>
public static class AuthPublication
{
    /// <param name="edge">With the lease held: of two hubs the one that may write does.</param>
    /// <exception cref="LdapException">One of the directories refused.</exception>
    public static async Task BringAsync(IDirectory organization, IDirectory edge, CancellationToken cancellationToken)
    {
        if (await AuthEntry.FindAsync(organization, OrganizationLayout.Auth, cancellationToken) is not { } inside)
        {
            return;
        }

        AuthConfiguration wanted = AuthEntry.Read(inside);
        LdapResult result;
        if (await AuthEntry.FindAsync(edge, EdgeLayout.Auth, cancellationToken) is not { } there)
        {
            result = await edge.AddAsync(AuthEntry.ToAdd(EdgeLayout.Auth, wanted, []), cancellationToken);
        }
        else if (!IsSame(AuthEntry.Read(there), wanted))
        {
            result = await edge.ModifyAsync(AuthEntry.ToReplace(EdgeLayout.Auth, wanted), cancellationToken);
        }
        else
        {
            return;
        }

        result.ThrowIfFailed("bring the auth certificates");
    }

    /// <summary>What an edge was brought.</summary>
    /// <returns>Null: nothing yet.</returns>
    public static async Task<AuthConfiguration?> ReadAsync(IDirectory edge, CancellationToken cancellationToken) =>
        await AuthEntry.FindAsync(edge, EdgeLayout.Auth, cancellationToken) is { } entry ? AuthEntry.Read(entry) : null;

    private static bool IsSame(AuthConfiguration a, AuthConfiguration b) =>
        a.Issuer == b.Issuer && a.Effective == b.Effective && a.Changed == b.Changed
        && a.Current.Span.SequenceEqual(b.Current.Span) && a.Next.Span.SequenceEqual(b.Next.Span) && a.Previous.Span.SequenceEqual(b.Previous.Span);
}
