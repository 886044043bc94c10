using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Changes by the DirSync control. Without the object security flag: with it deleted objects would stay hidden from accounts that may
/// not read them, and nobody would notice.</summary>
/// <param name="attributes">Whose changes count.</param>
internal sealed class DirSyncFeed(IReadOnlyList<string> attributes)
{
    /// <summary>Octets of one answer that we ask for; servers send less as they like.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>No object has this GUID: the server walks to the end of the change set and has nothing to send.</summary>
    private static readonly Filter Nothing = Filter.Equal(ActiveDirectoryNames.ObjectGuid, new byte[EntryId.Bytes]);

    /// <summary>The cookie of now.</summary>
    /// <exception cref="LdapException">The account lacks the right, or the server the control.</exception>
    public static async Task<ReadOnlyMemory<byte>> BeginAsync(DomainSession session, CancellationToken cancellationToken) =>
        await ReadAsync(session, Nothing, ["1.1"], ReadOnlyMemory<byte>.Empty, _ => { }, cancellationToken);

    /// <returns>The cookie to go on from.</returns>
    /// <exception cref="LdapException">The server refuses, perhaps the cookie.</exception>
    /// <exception cref="TooManyChangesException">More than <paramref name="limit"/>.</exception>
    public Task<ReadOnlyMemory<byte>> ReadAsync(
        DomainSession session, ReadOnlyMemory<byte> cookie, ChangedObjects changes, int limit, CancellationToken cancellationToken) =>
        ReadAsync(
            session,
            Filter.Anything, // a filter for recipients would hide the tombstones, which have lost their addresses
            attributes,
            cookie,
            entry =>
            {
                changes.Note(ActiveDirectoryNames.IdOf(entry), ActiveDirectoryNames.IsDeleted(entry));
                if (changes.Count > limit)
                {
                    throw new TooManyChangesException(limit);
                }
            },
            cancellationToken);

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        DomainSession session, Filter filter, IReadOnlyList<string> attributes, ReadOnlyMemory<byte> cookie, Action<LdapEntry> found, CancellationToken cancellationToken)
    {
        SearchRequest request = new(session.Facts.NamingContext.ToString(), SearchScope.WholeSubtree, filter, attributes);
        while (true)
        {
            LdapMessage? done = null;
            int entries = 0;
            await foreach (LdapMessage message in session.Connection.SearchAsync(
                request, [DirSyncControl.Create(DirSyncFlags.None, MaxBytes, cookie)], SearchSilence.Fails, cancellationToken))
            {
                if (message.Operation is SearchResultEntry { Entry: var entry })
                {
                    entries++;
                    found(entry);
                }

                done = message;
            }

            ((SearchResultDone)done!.Operation).Result.ThrowIfFailed($"DirSync of {session.Facts.NamingContext}");
            LdapControl control = done.Controls.FirstOrDefault(control => control.Oid == LdapOids.DirSync)
                ?? throw new LdapProtocolException("DirSync: the answer has no cookie");
            DirSyncAnswer answer = DirSyncControl.DecodeAnswer(control);
            if (!answer.More)
            {
                return answer.Cookie.ToArray();
            }

            if (entries == 0 && answer.Cookie.Span.SequenceEqual(cookie.Span))
            {
                throw new LdapProtocolException("DirSync: the server says that there is more, and sends the same cookie again");
            }

            cookie = answer.Cookie;
        }
    }
}
