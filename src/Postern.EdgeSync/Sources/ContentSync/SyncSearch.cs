using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>The search of a source with a Sync Request control.</summary>
internal static class SyncSearch
{
    /// <summary>The control is critical: a server that does not synchronize this part of the tree must say so.</summary>
    /// <param name="cookie">Null: from the beginning.</param>
    public static async IAsyncEnumerable<SyncEvent> RunAsync(
        FeedContext context, LdapConnection connection, SearchRequest search, SyncMode mode, byte[]? cookie, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SyncRequest request = new(mode, cookie is null ? null : new ReadOnlyMemory<byte>(cookie), ReloadHint: false);
        SearchSilence silence = mode == SyncMode.RefreshAndPersist ? SearchSilence.AllowedAfter(PersistFollower.EndsRefresh) : SearchSilence.Fails;
        await using IAsyncEnumerator<LdapMessage> messages = connection
            .SearchAsync(search, [SyncControls.Create(request, critical: true)], silence, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        long count = 0;
        while (await NextAsync() is { } message)
        {
            if (message is SyncEvent.Changed)
            {
                count++;
            }

            yield return message;
        }

        async ValueTask<SyncEvent?> NextAsync()
        {
            try
            {
                while (await messages.MoveNextAsync())
                {
                    if (SyncEvent.Read(messages.Current, LdapLimits.Default) is { } read)
                    {
                        return read;
                    }
                }

                return null;
            }
            catch (Exception e) when (SourceFailures.IsOfDirectory(e))
            {
                throw context.Connection.Explain(e, $"content synchronization of {context.Settings.BaseDn} after {count} entries");
            }
        }
    }
}
