namespace Postern.Directory;

/// <summary>How far long work on a directory's file is.</summary>
/// <param name="Step">copying, checking, reading, importing.</param>
/// <param name="Done">Of <paramref name="All"/>: pages while copying, entries otherwise.</param>
/// <param name="All">0 when nobody knows yet.</param>
public sealed record MaintenanceProgress(string Step, long Done, long All);
