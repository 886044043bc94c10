using System.Security.Cryptography;
using System.Text;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>An object of a source as it stands.</summary>
/// <param name="Id">As the edge calls it: 32 lower-case hexadecimal digits.</param>
/// <param name="Away">Outside the subtree that is read.</param>
/// <param name="Disabled">The filter does not let it pass.</param>
/// <param name="InUnit">Within the container that can be renamed and moved.</param>
/// <param name="Values">As they are written in the source.</param>
internal sealed record Person(int Slot, string Id, string Name, bool Away, bool Disabled, bool InUnit, IReadOnlyList<int> Addresses, IReadOnlyList<string> Values);

/// <summary>What all sources hold, as the test knows it. A source under test follows it change by change.</summary>
internal sealed class World(HistoryShape shape)
{
    private readonly Person?[] _people = new Person?[shape.Slots];
    private int _made;

    public HistoryShape Shape => shape;

    /// <summary>The container is outside the subtree.</summary>
    public bool UnitAway { get; private set; }

    public int UnitName { get; private set; }

    public Person? this[int slot] => _people[slot];

    public IEnumerable<Person> People => _people.OfType<Person>();

    public int SourceOf(int slot) => slot % shape.Sources;

    public bool IsInScope(Person person) => !person.Away && !person.Disabled && !(person.InUnit && UnitAway);

    /// <summary>Id of every object that claims something, with what it claims, in normal form.</summary>
    public Dictionary<string, HashSet<string>> Claims()
    {
        Dictionary<string, HashSet<string>> claims = [];
        foreach (Person person in People.Where(IsInScope))
        {
            HashSet<string> addresses = [.. person.Values.Select(Spelling.Read).OfType<string>()];
            if (addresses.Count > 0)
            {
                claims.Add(person.Id, addresses);
            }
        }

        return claims;
    }

    /// <summary>What a step makes of it: the objects before and after, in the order of the source's changes. Empty: it does not apply.</summary>
    public List<(Person? Before, Person? After)> Plan(Step step)
    {
        switch (step)
        {
            case Step.Write write:
                return _people[write.Slot] is { } old
                    ? [(old, With(old, write.Addresses, write.Spelling))]
                    : [(null, Make(write.Slot, $"person{write.Slot}", write.Addresses, write.Spelling))];
            case Step.AddAddress add when _people[add.Slot] is { } person && !person.Addresses.Contains(add.Address):
                return [(person, With(person, [.. person.Addresses, add.Address], add.Address))];
            case Step.RemoveAddress remove when _people[remove.Slot] is { } person && person.Addresses.Contains(remove.Address):
                return [(person, With(person, [.. person.Addresses.Where(address => address != remove.Address)], remove.Address))];
            case Step.Touch touch when _people[touch.Slot] is { } person:
                return [(person, person with { })];
            case Step.Rename rename when _people[rename.Slot] is { } person:
                return [(person, person with { Name = $"person{rename.Slot}-{++_made}" })];
            case Step.Move move when _people[move.Slot] is { InUnit: false } person:
                return [(person, person with { Away = !person.Away })];
            case Step.Disable disable when _people[disable.Slot] is { } person:
                return [(person, person with { Disabled = !person.Disabled })];
            case Step.Delete delete when _people[delete.Slot] is { } person:
                return [(person, null)];
            case Step.Recreate again when _people[again.Slot] is { } person:
                return [(person, null), (null, person with { Id = NewId() })];
            case Step.Swap swap when swap.Slot != swap.Other && _people[swap.Slot] is { } one && _people[swap.Other] is { } other:
                return [(one, With(one, other.Addresses, 1)), (other, With(other, one.Addresses, 2))];
            case Step.Hand hand when hand.Slot != hand.Other && _people[hand.Slot] is { Addresses: [int first, ..] } from && _people[hand.Other] is { } to && !to.Addresses.Contains(first):
                return [(from, With(from, [.. from.Addresses.Skip(1)], 3)), (to, With(to, [.. to.Addresses, first], 4))];
            default:
                return [];
        }
    }

    public void Apply(Person? before, Person? after)
    {
        if (before is not null)
        {
            _people[before.Slot] = null;
        }

        if (after is not null)
        {
            _people[after.Slot] = after;
        }
    }

    public void RenameUnit() => UnitName++;

    public void MoveUnit() => UnitAway = !UnitAway;

    /// <summary>The source itself names an object's id.</summary>
    public void Identify(int slot, string id) => _people[slot] = _people[slot]! with { Id = id };

    /// <summary>Everything of one source, to be put back by <see cref="Restore"/>.</summary>
    public Person?[] Backup(int source) => [.. _people.Select((person, slot) => SourceOf(slot) == source ? person : null)];

    public void Restore(int source, Person?[] backup)
    {
        for (int slot = source; slot < _people.Length; slot += shape.Sources)
        {
            _people[slot] = backup[slot];
        }
    }

    private Person Make(int slot, string name, IReadOnlyList<int> addresses, int spelling) => With(
        new Person(slot, NewId(), name, false, false, shape.Units && slot % 3 == 2, [], []), addresses, spelling);

    private static Person With(Person person, IReadOnlyList<int> addresses, int spelling)
    {
        List<string> values = [.. addresses.Select(address => Spelling.Write(address, spelling))];
        if (Spelling.NoiseOf(spelling) is { } noise)
        {
            values.Insert(0, noise);
        }

        return person with { Addresses = addresses, Values = values };
    }

    private string NewId() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{++_made}")).AsSpan(0, 16));
}
