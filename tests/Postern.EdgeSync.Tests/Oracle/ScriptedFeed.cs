using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Postern.EdgeSync.Sources;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>
/// A source with a change feed, in memory, as bad as the contract lets it be: changes come in any order, an id more than once with old content
/// first, ids that were never heard of go, and it is written to while it is read.
/// </summary>
internal sealed class ScriptedFeed(World world, int source, int seed, Action onChange) : ISourceWorld
{
    private readonly Random _random = new(seed);
    private readonly List<(Person Person, bool Gone)> _log = [];
    private int _epoch;
    private Fault _fault = Fault.None;
    private Func<Step, Task> _change = _ => Task.CompletedTask;
    private Person?[]? _backup;
    private int _reading;

    public bool ReadToItsEnd => _reading == 0;

    private string Name => $"feed{source}";

    public ISource Open() => new Source(this);

    public Task ApplyAsync(IReadOnlyList<(Person? Before, Person? After)> changes)
    {
        foreach ((Person? before, Person? after) in changes)
        {
            world.Apply(before, after);
            if (before is not null && before.Id != after?.Id)
            {
                _log.Add((before, true));
            }

            if (after is not null)
            {
                _log.Add((after, !world.IsInScope(after)));
            }
        }

        onChange();
        return Task.CompletedTask;
    }

    public void Arm(Fault fault, Func<Step, Task> change)
    {
        _fault = fault;
        _change = change;
        _reading = 0;
    }

    public Task RestartAsync() => Task.CompletedTask;

    public void ForgetCookies() => _epoch++;

    /// <summary>Goes back to the backup of last time, and takes one of what there is now.</summary>
    public Task RestoreAsync()
    {
        Person?[] now = world.Backup(source);
        if (_backup is not null)
        {
            world.Restore(source, _backup);
            _log.Clear();
            _epoch++;
            onChange();
        }

        _backup = now;
        return Task.CompletedTask;
    }

    public Task RenameUnitAsync() => Task.CompletedTask;

    public Task MoveUnitAsync()
    {
        foreach (Person person in Mine().Where(person => person.InUnit))
        {
            _log.Add((person, !world.IsInScope(person)));
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<Person> Mine() => world.People.Where(person => world.SourceOf(person.Slot) == source);

    private static LdapEntry Entry(Person person) => new(
        $"cn={person.Name},ou=people,dc=example,dc=com",
        [new LdapAttribute("proxyAddresses", [.. person.Values.Where((_, i) => i % 2 == 0)]), new LdapAttribute("mail", [.. person.Values.Where((_, i) => i % 2 == 1)])]);

    private static EntryId IdOf(Person person) => EntryId.TryParse(person.Id, out EntryId id) ? id : throw new InvalidOperationException(person.Id);

    private sealed class Source(ScriptedFeed feed) : ISource
    {
        public string Name => feed.Name;

        public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken)
        {
            if (feed._fault is { Kind: FaultKind.SourceDown } fault && fault.Source == feed.SourceNumber)
            {
                throw new SourceException(Name, "it does not answer", "Start it.");
            }

            string prefix = string.Create(CultureInfo.InvariantCulture, $"{feed._epoch}:");
            string cookie = since is null ? "" : Encoding.ASCII.GetString(since.Octets.Span);
            bool known = cookie.StartsWith(prefix, StringComparison.Ordinal);
            int from = known ? int.Parse(cookie.AsSpan(prefix.Length), CultureInfo.InvariantCulture) : 0;
            return Task.FromResult<ISourceReading>(new Reading(feed, !known, from, prefix + feed._log.Count.ToString(CultureInfo.InvariantCulture)));
        }

        public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private int SourceNumber => source;

    private sealed class Reading(ScriptedFeed feed, bool whole, int from, string next) : ISourceReading
    {
        private readonly int _end = feed._log.Count;
        private bool _done;

        public bool IsWhole => whole;

        public string WholeBecause => whole ? "the cookie is not of this life of the feed" : "";

        public SourceCookie? NextCookie => _done ? new SourceCookie(Encoding.ASCII.GetBytes(next)) : throw new InvalidOperationException("asked for the cookie of a reading that has not ended");

        public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            feed._reading++;
            int count = 0;
            foreach (Func<SourceChange?> next in whole ? Everything() : Changes())
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Disturb(count++);
                if (next() is { } change)
                {
                    yield return change;
                }
            }

            await Disturb(count);
            _done = true;
            feed._reading--;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async ValueTask Disturb(int count)
        {
            if (feed._fault.At != count || feed._fault.Source != feed.SourceNumber)
            {
                return;
            }

            switch (feed._fault.Kind)
            {
                case FaultKind.SourceCut:
                    throw new SourceException(feed.Name, "the connection was reset", "Look at the network.");
                case FaultKind.ChangeWhileRead:
                    await feed._change(feed._fault.Change!);
                    break;
            }
        }

        /// <summary>By slot, in some order, each as it is when it is its turn: who comes or goes meanwhile is seen or not.</summary>
        private IEnumerable<Func<SourceChange?>> Everything()
        {
            int[] slots = [.. Enumerable.Range(0, feed.WorldSlots).Where(slot => feed.IsMine(slot))];
            feed._random.Shuffle(slots);
            return slots.Select<int, Func<SourceChange?>>(slot => () => feed.Shown(slot));
        }

        private IEnumerable<Func<SourceChange?>> Changes()
        {
            List<(Person Person, bool Gone)> part = feed._log[from.._end];
            string[] ids = [.. part.Select(change => change.Person.Id).Distinct()];
            feed._random.Shuffle(ids);
            foreach (string id in ids)
            {
                List<(Person Person, bool Gone)> versions = [.. part.Where(change => change.Person.Id == id)];
                foreach ((Person old, bool gone) in versions[..^1].Where(_ => feed._random.Next(3) == 0))
                {
                    yield return () => new SourceChange(IdOf(old), gone ? null : Entry(old));
                }

                (Person last, bool lastGone) = versions[^1];
                yield return () => new SourceChange(IdOf(last), lastGone ? null : Entry(last));
            }

            // An object that this edge never heard of may go, too.
            if (feed._random.Next(4) == 0)
            {
                yield return () => new SourceChange(EntryId.FromName("nobody", next), null);
            }
        }
    }

    private int WorldSlots => world.Shape.Slots;

    private bool IsMine(int slot) => world.SourceOf(slot) == source;

    private SourceChange? Shown(int slot) => world[slot] is { } person && world.IsInScope(person) ? new SourceChange(IdOf(person), Entry(person)) : null;
}
