namespace Postern.EdgeSync.Synchronization;

/// <summary>Notes of one cycle, the first hundred in words, all of them counted.</summary>
internal sealed class SyncNotes
{
    /// <summary>Notes kept in words. An organization can have a fault a hundred thousand times over.</summary>
    private const int MaxDetails = 100;

    private readonly List<string> _details = [];

    public long Skipped { get; set; }

    public long Conflicts { get; set; }

    public IReadOnlyList<string> Details => _details;

    public bool IsFull => _details.Count >= MaxDetails;

    public void Add(string detail)
    {
        if (!IsFull)
        {
            _details.Add(detail);
        }
    }

    /// <param name="entry">Its name in the source, or its id.</param>
    public void Add(string source, string entry, string what)
    {
        if (!IsFull)
        {
            _details.Add($"source {source}, {entry}: {what}");
        }
    }
}
