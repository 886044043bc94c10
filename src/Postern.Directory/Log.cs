using Microsoft.Extensions.Logging;

namespace Postern.Directory;

/// <summary>Events of the directory engine, ids 2000 to 2099.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "Directory {Path} is open: version {Version}, {Indexes} indexes, whole file checked: {Checked}")]
    public static partial void Opened(ILogger logger, string path, int version, int indexes, bool @checked);

    [LoggerMessage(2001, LogLevel.Information, "Directory {Path} is closed after {Commits} commits")]
    public static partial void Closed(ILogger logger, string path, long commits);

    [LoggerMessage(2002, LogLevel.Error, "A commit of {Units} updates failed and changed nothing: {Reason}")]
    public static partial void CommitFailed(ILogger logger, int units, string reason);

    [LoggerMessage(2003, LogLevel.Error, "A commit of {Units} updates met an error of the engine itself and changed nothing")]
    public static partial void CommitBroke(ILogger logger, int units, Exception exception);

    [LoggerMessage(2004, LogLevel.Error, "Leaving a failed commit failed too: {Reason}; the connection is opened anew")]
    public static partial void RollbackFailed(ILogger logger, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "The write-ahead log could not be copied into the directory's file: {Reason}; it is tried again after the next commits")]
    public static partial void CheckpointFailed(ILogger logger, string reason);

    [LoggerMessage(2006, LogLevel.Error, "A search failed in the store: {Reason}")]
    public static partial void SearchFailed(ILogger logger, string reason);
}
