using Postern.Ldap;

namespace Postern.Directory;

/// <summary>Hashing that takes long on purpose, one at a time on a thread of its own: a flood of logins or of new passwords takes one
/// processor at most, and none of the threads that answer everybody else.</summary>
#pragma warning disable CA1001 // The semaphore makes no wait handle.
internal sealed class SlowHashing(int maxWaiting)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _turn = new(1);
    private int _asked;

    /// <exception cref="LdapException">busy: as many wait as may.</exception>
    public async Task<T> RunAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _asked) > maxWaiting + 1)
            {
                throw new LdapException(LdapResultCode.Busy, $"{maxWaiting} passwords wait to be looked at (MaxPasswordsWaiting); try again");
            }

            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Task.Factory.StartNew(hash, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
    }
}
