namespace Postern.Operations.Certificates;

/// <param name="Folder">With an absolute path.</param>
/// <param name="Problem">Why nothing can be read there; null: it can.</param>
public sealed record WatchedFolderView(string Folder, string? Problem, IReadOnlyList<WatchedLineageView> Certificates);

/// <param name="Path">Of the lineage.</param>
/// <param name="Thumbprint">Of the newest that was taken in; null: none yet.</param>
/// <param name="IsCurrent">The newest in the folder is in the store, and has what the one before was bound to.</param>
public sealed record WatchedLineageView(string Path, string? Thumbprint, DateTimeOffset? NotAfter, IReadOnlyList<string> Services, bool IsCurrent);

public sealed record WatchList(IReadOnlyList<WatchedFolderView> Folders);

/// <param name="Lineage">Path.</param>
/// <param name="State">unchanged, takenIn (new, bound to nothing), takenOver (it serves now), waiting (the files do not fit together yet) or failed.</param>
/// <param name="Reason">Of waiting and failed.</param>
/// <param name="Bound">Of takenOver.</param>
public sealed record WatchedRenewal(string Lineage, string State, string? Thumbprint, string? Reason, CertificateBound? Bound);

/// <param name="Removed">Thumbprints of expired predecessors that are gone.</param>
public sealed record WatchRun(IReadOnlyList<WatchedRenewal> Renewals, IReadOnlyList<string> Removed)
{
    public bool IsFailed => Renewals.Any(one => one.State == "failed");
}
