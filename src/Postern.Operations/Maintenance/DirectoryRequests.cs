namespace Postern.Operations.Maintenance;

/// <param name="Side"><c>edge</c> or <c>hub</c>.</param>
/// <param name="Bytes">Length of the file.</param>
public sealed record DirectoryBackedUp(string File, string Side, string Directory, long Entries, long Bytes);

/// <param name="KeptAs">Where the directory lies that was there before; null when there was none.</param>
/// <param name="Next">What to do now, one sentence each.</param>
public sealed record DirectoryRestored(string File, string Side, string Directory, long Entries, string? KeptAs, IReadOnlyList<string> Next);

/// <param name="Faults">What does not fit, one line each, at most 100.</param>
/// <param name="Hint">How to mend it; empty when there is nothing to mend.</param>
public sealed record DirectoryChecked(string Side, string Directory, bool Consistent, long Entries, IReadOnlyList<string> Faults, string Hint);

/// <param name="Operational">With entryUUID, createTimestamp, modifyTimestamp and entryCSN.</param>
/// <param name="Secrets">With the stored forms of passwords.</param>
public sealed record ExportDirectory(bool Operational, bool Secrets);

/// <param name="File">Null: standard output.</param>
public sealed record DirectoryExported(string? File, string Side, string Directory, long Entries, bool Operational, bool Secrets);

/// <param name="NewUuids">Entries get new entryUUIDs although the file has some.</param>
/// <param name="SkipExisting">Entries that are there already stay as they are, and are no error.</param>
/// <param name="GoOn">Refused records are reported and left out.</param>
/// <param name="Atomic">All records or none, in one transaction.</param>
/// <param name="BatchSize">Records in one transaction, when not atomic.</param>
public sealed record ImportDirectory(string File, bool NewUuids, bool SkipExisting, bool GoOn, bool Atomic, int BatchSize);

/// <param name="Imported">Records that took effect.</param>
/// <param name="Skipped">Entries that were there already.</param>
/// <param name="Refusals">File, line and reason of refused records, the first 100.</param>
public sealed record DirectoryImported(string File, string Side, string Directory, long Imported, long Skipped, long Refused, IReadOnlyList<string> Refusals);
