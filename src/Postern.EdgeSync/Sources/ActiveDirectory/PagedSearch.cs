using System.Runtime.CompilerServices;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>A search in pages (RFC 2696) that is complete or fails: domain controllers cut off what is not paged.</summary>
internal static class PagedSearch
{
    /// <exception cref="LdapException">Any result but success; or a page without the answer that tells whether more follow.</exception>
    public static async IAsyncEnumerable<LdapEntry> ReadAsync(
        LdapConnection connection, SearchRequest request, int pageSize, IReadOnlyList<LdapControl> controls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> cookie = ReadOnlyMemory<byte>.Empty;
        do
        {
            LdapControl page = PagedResultsControl.Create(pageSize, cookie, critical: true);
            LdapMessage? done = null;
            await foreach (LdapMessage message in connection.SearchAsync(request, [.. controls, page], SearchSilence.Fails, cancellationToken))
            {
                // References to other domains are neither followed nor a fault.
                if (message.Operation is SearchResultEntry { Entry: var entry })
                {
                    yield return entry;
                }

                done = message;
            }

            ((SearchResultDone)done!.Operation).Result.ThrowIfFailed($"search under '{request.BaseDn}'");
            LdapControl answer = done.Controls.FirstOrDefault(control => control.Oid == LdapOids.PagedResults)
                ?? throw new LdapException(
                    LdapResultCode.UnavailableCriticalExtension,
                    $"search under '{request.BaseDn}': the server ended it without saying whether more pages follow (RFC 2696), so it may be cut short");
            cookie = PagedResultsControl.Decode(answer).Cookie.ToArray();
        }
        while (!cookie.IsEmpty);
    }
}
