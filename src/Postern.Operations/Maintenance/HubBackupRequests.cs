namespace Postern.Operations.Maintenance;

/// <param name="Keys">Files of the keys folder.</param>
/// <param name="Entries">Of the organization directory; null when hubs share one on a server, which has backups of its own.</param>
/// <param name="Bytes">Length of the file.</param>
public sealed record HubBackedUp(string File, string Data, DateTimeOffset MadeUtc, int Keys, long? Entries, long Bytes);

/// <param name="MadeUtc">When the backup was made.</param>
/// <param name="Next">What to do now, one sentence each.</param>
public sealed record HubRestored(string File, string Data, DateTimeOffset MadeUtc, int Keys, long? Entries, IReadOnlyList<string> Next);
