using Postern.Testing;

namespace Postern.Certificates.Tests.Store;

public sealed class OwnGroundTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Root_works_where_only_root_can_change_something()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root has anything to lose");
        string inner = Directory.CreateDirectory(_folder["a/b"]).FullName;

        Assert.Null(OwnGround.FirstForeign(inner));
        Assert.Null(OwnGround.FirstForeign(Path.Combine(inner, "not/there/yet")));
        await ChownAsync(_folder["a"], "nobody");
        Assert.Equal(_folder["a"], OwnGround.FirstForeign(inner));
        await ChownAsync(_folder["a"], "root");
        File.SetUnixFileMode(_folder["a"], (UnixFileMode)0b111_111_111);
        Assert.Equal(_folder["a"], OwnGround.FirstForeign(inner));
    }

    [SkippableFact]
    public async Task A_link_counts_as_where_it_leads_to()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root has anything to lose");
        string own = Directory.CreateDirectory(_folder["own"]).FullName;
        string foreign = Directory.CreateDirectory(_folder["foreign"]).FullName;
        await ChownAsync(foreign, "nobody");
        Directory.CreateSymbolicLink(_folder["good"], own);
        Directory.CreateSymbolicLink(_folder["bad"], foreign);

        Assert.Null(OwnGround.FirstForeign(_folder["good"]));
        Assert.Equal(foreign, OwnGround.FirstForeign(_folder["bad"]));
    }

    private static async Task ChownAsync(string path, string owner) => (await ChildProcess.RunAsync("chown", [owner, path])).MustSucceed();
}
