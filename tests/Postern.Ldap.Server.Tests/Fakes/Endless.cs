using System.Runtime.CompilerServices;

namespace Postern.Ldap.Server.Tests;

/// <summary>Searches that end only when they are stopped.</summary>
internal static class Endless
{
    /// <summary>Finds nothing, for ever.</summary>
    /// <param name="ended">Set when it was stopped.</param>
    public static IAsyncEnumerable<LdapEntry> Search(CancellationToken token, TaskCompletionSource? ended = null) =>
        After(new LdapEntry("cn=never,o=test", []), 0, token, ended);

    /// <summary>Finds an entry <paramref name="count"/> times, then nothing, for ever.</summary>
    public static async IAsyncEnumerable<LdapEntry> After(
        LdapEntry entry, int count, [EnumeratorCancellation] CancellationToken token, TaskCompletionSource? ended = null)
    {
        for (int i = 0; i < count; i++)
        {
            yield return entry;
        }

        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        }
        finally
        {
            ended?.TrySetResult();
        }
    }

    /// <summary>Finds entries as fast as they are taken, and counts them.</summary>
    public static async IAsyncEnumerable<LdapEntry> Flood(
        LdapEntry entry, Action pulled, [EnumeratorCancellation] CancellationToken token)
    {
        await Task.CompletedTask;
        while (!token.IsCancellationRequested)
        {
            pulled();
            yield return entry;
        }
    }
}
