namespace Postern.EdgeSync.Records;

/// <summary>How much of a record is kept.</summary>
/// <param name="MaxFileBytes">Octets, of one file; a line is never divided, so a file may be one line longer.</param>
/// <param name="MaxFolderBytes">Octets, of all files of the record together: the oldest go first. The one being written always stays.</param>
/// <param name="MaxAge">Since a file was last written.</param>
public sealed record RotationLimits(long MaxFileBytes, long MaxFolderBytes, TimeSpan MaxAge)
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>LogMaxFileSize, LogMaxDirectorySize and LogMaxAge of EdgeSyncServiceConfig, fact sheet 4.2: 10 MB, 250 MB, 30 days.</summary>
    public static RotationLimits Log { get; } = new(10 * Megabyte, 250 * Megabyte, TimeSpan.FromDays(30));

    /// <summary>Ours: who asks why a recipient vanished often asks months later. 10 MB, 1 GB, 400 days.</summary>
    public static RotationLimits Audit { get; } = new(10 * Megabyte, 1024 * Megabyte, TimeSpan.FromDays(400));
}
