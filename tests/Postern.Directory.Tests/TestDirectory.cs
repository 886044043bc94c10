using Postern.Ldap;
using Postern.Mail;

namespace Postern.Directory.Tests;

/// <summary>An edge directory in a folder of its own, gone at the end.</summary>
internal sealed class TestDirectory : IAsyncDisposable
{
    public const string Recipients = EdgeLayout.Recipients;

    private readonly string _folder;
    private readonly Func<DirectoryOptions, DirectoryOptions> _change;
    private readonly IAccessPolicy _policy;
    private readonly TimeProvider _time;
    private readonly DirectorySchema _schema;

    private TestDirectory(string folder, Func<DirectoryOptions, DirectoryOptions> change, IAccessPolicy policy, TimeProvider time, DirectorySchema schema)
    {
        (_folder, _change, _policy, _time, _schema) = (folder, change, policy, time, schema);
        Engine = OpenEngine();
    }

    public DirectoryEngine Engine { get; private set; }

    public IDirectory System => Engine.As(Principal.System);

    public IControlledDirectory Controlled => Engine.As(Principal.System);

    public string Path => FileIn(_folder);

    public static string FileIn(string folder) => global::System.IO.Path.Combine(folder, "directory.db");

    public static async Task<TestDirectory> CreateAsync(
        Func<DirectoryOptions, DirectoryOptions>? change = null, IAccessPolicy? policy = null, TimeProvider? time = null, string? folder = null,
        DirectorySchema? schema = null)
    {
        folder ??= global::System.IO.Directory.CreateTempSubdirectory("postern-directory-").FullName;
        TestDirectory directory = new(folder, change ?? (o => o), policy ?? new OpenPolicy(), time ?? TimeProvider.System, schema ?? PosternSchema.Edge);
        await AddStructureAsync(directory.System);
        return directory;
    }

    public static DirectoryOptions Options(string folder) => new()
    {
        Path = FileIn(folder),
        Suffixes = [EdgeLayout.Suffix],
        IndexedAttributes = [PosternAttributes.AddressHash, PosternAttributes.DomainName, "cn"],
    };

    public static async Task AddStructureAsync(IDirectory directory)
    {
        await Ok(directory.AddAsync(new AddRequest(EdgeLayout.Suffix, new LdapAttribute("objectClass", "organization"))));
        foreach (string dn in new[] { EdgeLayout.Recipients, EdgeLayout.Accounts, EdgeLayout.Configuration, EdgeLayout.AcceptedDomains, EdgeLayout.Synchronization })
        {
            await Ok(directory.AddAsync(new AddRequest(dn, new LdapAttribute("objectClass", "organizationalUnit"))));
        }
    }

    public static async Task Ok(Task<LdapResult> result) => (await result).ThrowIfFailed("test");

    public static AddRequest Recipient(string cn, params byte[][] hashes) => new(
        $"cn={cn},{Recipients}",
        new LdapAttribute("objectClass", PosternClasses.Recipient),
        new LdapAttribute(PosternAttributes.AddressHash, [.. (hashes.Length == 0 ? [Hash(cn)] : hashes).Select(h => (ReadOnlyMemory<byte>)h)]),
        new LdapAttribute(PosternAttributes.Source, "corp"));

    /// <summary>32 octets that belong to a text.</summary>
    public static byte[] Hash(string text) => global::System.Security.Cryptography.SHA256.HashData(global::System.Text.Encoding.UTF8.GetBytes(text));

    public async Task ReopenAsync()
    {
        await Engine.DisposeAsync();
        Engine = OpenEngine();
    }

    public async Task<List<LdapEntry>> SearchAsync(string filter, string baseDn = EdgeLayout.Suffix, SearchScope scope = SearchScope.WholeSubtree, params string[] attributes)
    {
        List<LdapEntry> found = [];
        await foreach (LdapEntry entry in System.SearchAsync(new SearchRequest(baseDn, scope, Filter.Parse(filter), attributes)))
        {
            found.Add(entry);
        }

        return found;
    }

    public async Task<LdapEntry?> ReadAsync(string dn, params string[] attributes)
    {
        try
        {
            await foreach (LdapEntry entry in System.SearchAsync(SearchRequest.ReadEntry(dn, attributes)))
            {
                return entry;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        // Every test is also a test of the indexes.
        IReadOnlyList<string> faults = await Engine.CheckAsync();
        await Engine.DisposeAsync();
        global::System.IO.Directory.Delete(_folder, recursive: true);
        Assert.Empty(faults);
    }

    private DirectoryEngine OpenEngine() => DirectoryEngine.Open(_change(Options(_folder)), _schema, _policy, _time);
}

/// <summary>Everybody may do everything.</summary>
internal sealed class OpenPolicy : IAccessPolicy
{
    public bool MayRead(Principal principal, string normalizedDn) => true;

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => true;

    public bool MayReadAttribute(Principal principal, string attribute) => true;
}
