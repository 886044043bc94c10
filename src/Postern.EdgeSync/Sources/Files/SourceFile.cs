namespace Postern.EdgeSync.Sources.Files;

/// <summary>Opens the file of a source. Opening can wait without end (a named pipe nobody writes to, a network file system whose server is
/// gone), and nothing can call it off: it is waited for as long as <see cref="OpenLimit"/>, and until it has ended nobody waits for a second one.</summary>
internal sealed class SourceFile(string sourceName, string path, TimeProvider time)
{
    /// <summary>Ours. A local file takes microseconds.</summary>
    public static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);

    /// <summary>Of the file stream, octets.</summary>
    private const int BufferBytes = 64 * 1024;

    private Task<FileStream>? _late;

    /// <exception cref="SourceException">Missing, closed to this user, no regular file, or not open within the limit.</exception>
    public async Task<FileStream> OpenAsync(CancellationToken cancellationToken)
    {
        if (_late is { IsCompleted: false })
        {
            throw TooLate();
        }

        Task<FileStream> opening = Task.Run(Open, CancellationToken.None);
        FileStream stream;
        try
        {
            stream = await opening.WaitAsync(OpenLimit, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !opening.IsCompleted)
        {
            _late = opening;
            _ = opening.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw e is TimeoutException ? TooLate() : e;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(sourceName, $"{path}: {e.Message}", "Check that the file exists and that the hub may read it.", e);
        }

        if (!stream.CanSeek)
        {
            await stream.DisposeAsync();
            throw new SourceException(sourceName, $"{path} is no regular file", "Give the path of a file; a pipe cannot be read twice.");
        }

        return stream;
    }

    private FileStream Open() => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, FileOptions.SequentialScan);

    private SourceException TooLate() => new(
        sourceName, $"{path} could not be opened within {OpenLimit.TotalSeconds:0} s", "Check that it is a regular file, and that the file system that it lies on answers.");
}
