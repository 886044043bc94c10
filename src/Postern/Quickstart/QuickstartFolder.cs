namespace Postern.Quickstart;

/// <summary>Where a quickstart keeps everything: a folder given, or a temporary one that is gone at the end.</summary>
internal sealed class QuickstartFolder : IDisposable
{
    private readonly bool _temporary;

    public QuickstartFolder(string? given)
    {
        _temporary = given is null;
        Root = given ?? System.IO.Directory.CreateTempSubdirectory("postern-").FullName;
        System.IO.Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public bool IsTemporary => _temporary;

    public string Edge => Path.Combine(Root, "edge");

    public string Hub => Path.Combine(Root, "hub");

    public string Organization => Path.Combine(Root, "organization.ldif");

    public string HubSettings => Path.Combine(Root, "hub.json");

    public void Dispose()
    {
        if (_temporary)
        {
            System.IO.Directory.Delete(Root, recursive: true);
        }
    }
}
