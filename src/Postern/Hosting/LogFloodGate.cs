namespace Postern.Hosting;

/// <summary>Lets so many lines of one event into the log in a while and counts the rest: strangers can make an event happen as often as they
/// like, and are not to fill the disk with it. Other events are not held up by it.</summary>
internal sealed class LogFloodGate(TimeProvider time)
{
    /// <summary>Lines of one event in one <see cref="While"/>.</summary>
    public const int MaxLines = 200;

    public static readonly TimeSpan While = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Tally> _events = []; // as many as the program has events

    /// <param name="suppressed">Lines of this event that were held back since its last while; not 0 on the first line of a new one only.</param>
    public bool TryPass(int eventId, out int suppressed)
    {
        suppressed = 0;
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (!_events.TryGetValue(eventId, out Tally? tally))
            {
                _events[eventId] = tally = new Tally { Began = now };
            }
            else if (time.GetElapsedTime(tally.Began, now) >= While)
            {
                suppressed = Math.Max(0, tally.Lines - MaxLines);
                (tally.Began, tally.Lines) = (now, 0);
            }

            return ++tally.Lines <= MaxLines;
        }
    }

    private sealed class Tally
    {
        public long Began;
        public int Lines;
    }
}
