namespace Postern.Directory.Storage;

/// <summary>
/// Hands readers a cache of places that agrees with their snapshot. A commit that deletes or renames takes the cache away before it takes
/// effect and puts an empty one in its place after; a reader uses a cache only if the same one was there before and after it took its
/// snapshot, so no such commit lay in between.
/// </summary>
internal sealed class TreePlaces
{
    private volatile TreeCache? _current = new();

    /// <summary>Null while a commit is changing the tree.</summary>
    public TreeCache? Current => _current;

    public void BeginChange() => _current = null;

    public void EndChange() => _current = new TreeCache();
}
