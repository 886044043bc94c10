using Microsoft.Extensions.Logging;
using Postern.Directory;

namespace Postern.EdgeSync;

/// <summary>Opens the two embedded directories with the schema, indexes and access rules that belong to them; makes their folders.</summary>
public static class PosternDirectories
{
    /// <exception cref="DirectoryStoreException">The file cannot be opened.</exception>
    public static DirectoryEngine OpenEdge(EdgePaths paths, TimeProvider time, ILoggerFactory loggerFactory) => throw new NotImplementedException();

    /// <exception cref="DirectoryStoreException">The file cannot be opened.</exception>
    public static DirectoryEngine OpenOrganization(HubPaths paths, TimeProvider time, ILoggerFactory loggerFactory) => throw new NotImplementedException();
}
