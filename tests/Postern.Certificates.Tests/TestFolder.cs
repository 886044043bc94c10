// Permissions are half of what is tested here.
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]

namespace Postern.Certificates.Tests;

/// <summary>A private folder for one test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("postern-certificates-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
