namespace Postern.Directory.Searching;

/// <summary>Keeps the first entries of an order, as many as asked for, of any number that come.</summary>
internal sealed class SortedIds
{
    private readonly SortOrder _order;
    private readonly SortPlace? _after;
    private readonly int _capacity;
    private readonly PriorityQueue<SortPlace, SortPlace> _kept;

    /// <param name="after">Only what stands behind this; null for all.</param>
    public SortedIds(SortOrder order, SortPlace? after, int capacity)
    {
        (_order, _after, _capacity) = (order, after, capacity);
        _kept = new PriorityQueue<SortPlace, SortPlace>(Comparer<SortPlace>.Create((x, y) => order.Compare(y, x)));
    }

    /// <summary>Whether entries came that did not fit.</summary>
    public bool Overflowed { get; private set; }

    public void Add(SeenEntry seen, long id)
    {
        SortPlace place = _order.Place(seen, id);
        if (_after is not null && _order.Compare(place, _after) <= 0)
        {
            return;
        }

        if (_kept.Count < _capacity)
        {
            _kept.Enqueue(place, place);
            return;
        }

        Overflowed = true;
        _kept.EnqueueDequeue(place, place); // the last in the order leaves
    }

    /// <summary>The places in the order; empties what is kept.</summary>
    public List<SortPlace> Take()
    {
        List<SortPlace> places = new(_kept.Count);
        while (_kept.TryDequeue(out SortPlace? place, out _))
        {
            places.Add(place);
        }

        places.Reverse();
        return places;
    }
}
