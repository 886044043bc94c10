using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>A real edge's directory, used for one history after the other.</summary>
internal sealed class OracleEdge : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TimeProvider _time;
    private DirectoryEngine _engine = null!;

    private OracleEdge(TimeProvider time) => _time = time;

    public AddressHashKey Key { get; } = AddressHashKey.Generate();

    /// <summary>With the rights of a replication account.</summary>
    public IDirectory Target => _engine.As(new Principal("cn=ESRA.edge.HUB1.0,ou=accounts,o=edge", DirectoryRole.Replication));

    private IDirectory System => _engine.As(Principal.System);

    public static async Task<OracleEdge> StartAsync(TimeProvider time)
    {
        OracleEdge edge = new(time);
        await edge.OpenAsync();
        return edge;
    }

    public async Task RestartAsync()
    {
        await _engine.DisposeAsync();
        await OpenAsync();
    }

    /// <summary>Nothing that a hub ever wrote is left.</summary>
    public async Task WipeAsync()
    {
        List<IUpdateOperation> deletes = [];
        foreach (string container in (string[])[EdgeLayout.Recipients, EdgeLayout.Synchronization])
        {
            List<string> below = [];
            await foreach (LdapEntry entry in System.SearchAsync(new SearchRequest(container, SearchScope.WholeSubtree, Filter.Anything, ["1.1"])))
            {
                below.Add(entry.Dn);
            }

            deletes.AddRange(below.Where(dn => dn != container).OrderByDescending(dn => dn.Length).Select(dn => new DelRequest(dn)));
        }

        if (deletes.Count > 0)
        {
            (await System.BatchAsync(deletes)).Result.ThrowIfFailed("wipe");
        }

        await DirectoryStructure.EnsureEdgeAsync(System, CancellationToken.None);
    }

    /// <summary>Recipients by id, with their hashes in lower-case hexadecimal digits.</summary>
    public async Task<Dictionary<string, string[]>> ContentAsync()
    {
        Dictionary<string, string[]> found = [];
        await foreach (LdapEntry entry in System.SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn", PosternAttributes.AddressHash])))
        {
            found.Add(entry.FirstString("cn")!, [.. (entry.Find(PosternAttributes.AddressHash)?.Values ?? []).Select(value => Convert.ToHexStringLower(value.Span))]);
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync()
    {
        _engine = PosternDirectories.OpenEdge(new EdgePaths(_folder["edge"]), _time, NullLoggerFactory.Instance);
        await DirectoryStructure.EnsureEdgeAsync(System, CancellationToken.None);
    }
}
