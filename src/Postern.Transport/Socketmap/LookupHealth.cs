using Microsoft.Extensions.Logging;

namespace Postern.Transport;

/// <summary>Logs when answering turns good or bad, not at every lookup: a mail server asks thousands of times a second.</summary>
internal sealed class LookupHealth(ILogger logger)
{
    private int _state;

    private enum State
    {
        Answering,
        NotReady,
        Failing,
    }

    public void Answered()
    {
        if (Turned(State.Answering))
        {
            logger.Answering();
        }
    }

    public void NotReady(string reason)
    {
        if (Turned(State.NotReady))
        {
            logger.NotReady(reason);
        }
    }

    public void Failed(Exception cause)
    {
        if (Turned(State.Failing))
        {
            logger.LookupsFail(cause);
        }
    }

    // The plain read first keeps the common case off the shared cache line's write path.
    private bool Turned(State state) => Volatile.Read(ref _state) != (int)state && Interlocked.Exchange(ref _state, (int)state) != (int)state;
}
