using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.Ldap.Server;
using Postern.Mail;

namespace Postern.EdgeSync;

/// <summary>Opens the two embedded directories with the schema, indexes and access rules that belong to them; makes their folders.</summary>
public static class PosternDirectories
{
    /// <exception cref="DirectoryStoreException">The file cannot be opened.</exception>
    public static DirectoryEngine OpenEdge(EdgePaths paths, TimeProvider time, ILoggerFactory loggerFactory)
    {
        MakeEdgeFolders(paths);
        return OpenEdgeFile(paths.DatabaseFile, time, loggerFactory);
    }

    /// <summary>The same, whatever the file is called and wherever it lies.</summary>
    /// <exception cref="DirectoryStoreException">The file cannot be opened.</exception>
    public static DirectoryEngine OpenEdgeFile(string databaseFile, TimeProvider time, ILoggerFactory loggerFactory)
    {
        DirectoryOptions options = new()
        {
            Path = databaseFile,
            Suffixes = [EdgeLayout.Suffix],
            IndexedAttributes = [PosternAttributes.AddressHash, PosternAttributes.DomainName],
            SupportedControls = LdapServer.Controls,
            SupportedExtensions = LdapServer.Extensions,
            SupportedSaslMechanisms = [EdgeAuthenticator.ExternalMechanism],
            SupportedFeatures = LdapServer.Features,
        };
        return DirectoryEngine.Open(options, PosternSchema.Edge, new EdgeAccessPolicy(), time, loggerFactory);
    }

    /// <exception cref="DirectoryStoreException">The file cannot be opened.</exception>
    public static DirectoryEngine OpenOrganization(HubPaths paths, TimeProvider time, ILoggerFactory loggerFactory)
    {
        MakeHubFolders(paths);
        return OpenOrganizationFile(paths.DatabaseFile, time, loggerFactory);
    }

    /// <summary>The same, whatever the file is called and wherever it lies.</summary>
    /// <exception cref="DirectoryStoreException">The file cannot be opened.</exception>
    public static DirectoryEngine OpenOrganizationFile(string databaseFile, TimeProvider time, ILoggerFactory loggerFactory)
    {
        DirectoryOptions options = new()
        {
            Path = databaseFile,
            Suffixes = [OrganizationLayout.Suffix],
            IndexedAttributes = [PosternAttributes.DomainName],
        };
        return DirectoryEngine.Open(options, PosternSchema.Organization, new OrganizationAccessPolicy(), time, loggerFactory);
    }

    /// <exception cref="PrivateFileException">A folder that must be private is open to others.</exception>
    public static void MakeEdgeFolders(EdgePaths paths)
    {
        MakeEdgeRoot(paths.Root);
        PrivateFile.CreateFolder(paths.Private);
        PrivateFile.CreateFolder(paths.KeysFolder);
    }

    /// <exception cref="PrivateFileException">A folder that must be private is open to others.</exception>
    public static void MakeHubFolders(HubPaths paths)
    {
        PrivateFile.CreateFolder(paths.Root);
        PrivateFile.CreateFolder(paths.KeysFolder);
    }

    /// <summary>0711: others may pass through to the socketmap socket, but not look around.</summary>
    private static void MakeEdgeRoot(string root)
    {
        const UnixFileMode passThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (System.IO.Directory.Exists(root))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            System.IO.Directory.CreateDirectory(root);
        }
        else
        {
            System.IO.Directory.CreateDirectory(root, passThrough);
        }
    }
}
