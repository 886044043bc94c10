using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync.Leases;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Leases;

/// <summary>An edge's directory and hubs that ask for its lease, each with a clock of its own.</summary>
internal sealed class LeaseBench : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private LeaseBench() => Engine = PosternDirectories.OpenEdgeFile(_folder["edge.db"], TimeProvider.System, NullLoggerFactory.Instance);

    public DirectoryEngine Engine { get; }

    public static async Task<LeaseBench> StartAsync()
    {
        LeaseBench bench = new();
        await DirectoryStructure.EnsureEdgeAsync(bench.Engine.As(Principal.System), CancellationToken.None);
        return bench;
    }

    public BenchHub Hub(string name, TimeSpan clockAhead = default, string process = "1", LeaseSettings? settings = null) => new(this, name, clockAhead, process, settings ?? new());

    public Task<LeaseEntry> ReadAsync() => LeaseEntry.ReadAsync(Engine.As(Principal.System), CancellationToken.None);

    public async Task<int> RecipientsAsync()
    {
        int count = 0;
        await foreach (LdapEntry _ in Engine.As(Principal.System).SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn"])))
        {
            count++;
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A hub in so far as it asks for leases.</summary>
internal sealed class BenchHub(LeaseBench bench, string name, TimeSpan clockAhead, string process, LeaseSettings settings) : IDisposable
{
    public ManualTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + clockAhead);

    public EdgeLease Lease => field ??= new EdgeLease("edge1", name, process, settings, Time, NullLogger.Instance);

    /// <summary>As its replication account, so that the rights are tested too.</summary>
    public IControlledDirectory Session { get; } = bench.Engine.As(new Principal($"cn=ESRA.edge.{name}.0,{EdgeLayout.Accounts}", DirectoryRole.Replication));

    public Task<LeaseAnswer> AskAsync(bool forced = false) => Lease.AcquireAsync(new LeaseSession(Session), forced, CancellationToken.None);

    public Task ReleaseAsync() => Lease.ReleaseAsync(new LeaseSession(Session), CancellationToken.None);

    public async Task<FencedDirectory> GuardedAsync() => Lease.Guard(Session, await AskAsync());

    public static AddRequest Recipient(string cn) =>
        new($"cn={cn},{EdgeLayout.Recipients}", new LdapAttribute("objectClass", PosternClasses.Recipient), new LdapAttribute("cn", cn));

    public void Dispose() => Lease.Dispose();
}
