namespace Postern.Ldap.Client;

/// <summary>One connection to a directory: many requests in flight, answers in any order.</summary>
public sealed class LdapConnection : IDirectory, IAsyncDisposable
{
    /// <summary>Search references that servers returned and we did not follow (RFC 4511 section 4.5.3).</summary>
    public long SearchReferencesIgnored => throw new NotImplementedException();

    public bool IsTls => throw new NotImplementedException();

    /// <exception cref="LdapConnectionException">Kind and hint say why.</exception>
    public static Task<LdapConnection> ConnectAsync(LdapClientOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task BindAsync(string dn, string password, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task BindExternalAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<string> WhoAmIAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public IAsyncEnumerable<LdapEntry> SearchPagedAsync(SearchRequest request, int pageSize, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<ExtendedResponse> ExtendedAsync(ExtendedRequest request, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
