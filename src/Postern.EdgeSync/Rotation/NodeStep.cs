namespace Postern.EdgeSync.Rotation;

/// <summary>What a node does next with its certificate.</summary>
internal enum NodeStep
{
    None,

    /// <summary>A next one is made and told to the peers.</summary>
    Announce,

    /// <summary>All peers trust the next one: it becomes the current one.</summary>
    Switch,

    /// <summary>The previous one goes, with its key.</summary>
    DropPrevious,
}
