using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Records;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Records;

public sealed class EdgeSyncLogTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(EdgeSyncLogLevel.Low, new[] { "failed" })]
    [InlineData(EdgeSyncLogLevel.Medium, new[] { "failed", "changed" })]
    [InlineData(EdgeSyncLogLevel.High, new[] { "failed", "changed", "idle" })]
    public void Level_says_what_is_written(EdgeSyncLogLevel level, string[] expected)
    {
        using EdgeSyncLog log = Open(level);
        log.Write(EdgeSyncLogLevel.Low, "failed", json => json.WriteString("edge", "edge1"));
        log.Write(EdgeSyncLogLevel.Medium, "changed", json => json.WriteNumber("added", 3));
        log.Write(EdgeSyncLogLevel.High, "idle", _ => { });
        JsonElement[] lines = [.. Lines()];
        Assert.Equal(expected, lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("edge1", lines[0].GetProperty("edge").GetString());
        Assert.Equal(_time.GetUtcNow(), lines[0].GetProperty("time").GetDateTimeOffset());
    }

    [Fact]
    public void None_makes_no_file()
    {
        using EdgeSyncLog log = Open(EdgeSyncLogLevel.None);
        log.Write(EdgeSyncLogLevel.Low, "failed", _ => { });
        Assert.False(System.IO.Directory.Exists(Path.Combine(_folder.Path, "logs")));
    }

    public void Dispose() => _folder.Dispose();

    private EdgeSyncLog Open(EdgeSyncLogLevel level) => new(Path.Combine(_folder.Path, "logs"), level, RotationLimits.Log, _time, NullLoggerFactory.Instance);

    private IEnumerable<JsonElement> Lines() =>
        RotatingFile.Files(Path.Combine(_folder.Path, "logs"), EdgeSyncLog.Prefix).SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement);
}
