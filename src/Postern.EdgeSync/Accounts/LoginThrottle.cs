using System.Collections.Concurrent;
using System.Net;

namespace Postern.EdgeSync.Accounts;

/// <summary>Slows down guessing: an address with too many failed logins in a window is refused unheard until the window ends.</summary>
internal sealed class LoginThrottle(TimeProvider time)
{
    /// <summary>Failed logins from one address within <see cref="Window"/>. Ours.</summary>
    public const int MaxFailures = 10;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Addresses remembered; when there are more, the oldest windows are forgotten.</summary>
    public const int MaxAddresses = 10_000;

    private readonly ConcurrentDictionary<IPAddress, (DateTimeOffset Start, int Failures)> _failures = new();

    public bool IsBlocked(EndPoint? peer) =>
        _failures.TryGetValue(Address(peer), out (DateTimeOffset Start, int Failures) seen)
        && seen.Failures >= MaxFailures
        && time.GetUtcNow() - seen.Start < Window;

    public void NoteFailure(EndPoint? peer)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_failures.Count >= MaxAddresses)
        {
            foreach ((IPAddress address, _) in _failures.OrderBy(pair => pair.Value.Start).Take(MaxAddresses / 2))
            {
                _failures.TryRemove(address, out _);
            }
        }

        _failures.AddOrUpdate(Address(peer), (now, 1), (_, seen) => now - seen.Start < Window ? (seen.Start, seen.Failures + 1) : (now, 1));
    }

    public void NoteSuccess(EndPoint? peer) => _failures.TryRemove(Address(peer), out _);

    private static IPAddress Address(EndPoint? peer) => (peer as IPEndPoint)?.Address ?? IPAddress.None;
}
