using Microsoft.Extensions.Logging;
using Postern.Ldap;

namespace Postern.Directory;

/// <summary>
/// An LDAP directory in one SQLite file: many readers, each with a snapshot of its own, and one writer thread that makes the updates
/// of all callers durable in common commits.
/// </summary>
public sealed class DirectoryEngine : IAsyncDisposable
{
    private DirectoryEngine()
    {
    }

    /// <summary>Opens the directory; makes it when there is none, and brings an older one up to date.</summary>
    /// <exception cref="DirectoryStoreException">Damaged, newer, locked, disk full, or not accessible.</exception>
    public static DirectoryEngine Open(
        DirectoryOptions options, DirectorySchema schema, IAccessPolicy policy, TimeProvider time, ILoggerFactory? log = null) =>
        throw new NotImplementedException();

    /// <summary>The directory as <paramref name="principal"/> sees it.</summary>
    public IDirectory As(Principal principal) => throw new NotImplementedException();

    /// <summary>Compares entries, tree and indexes, and SQLite's own structure.</summary>
    /// <returns>What does not fit, one line each, at most 100; empty when all is well.</returns>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Waits for the updates that were accepted, then closes the file.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
