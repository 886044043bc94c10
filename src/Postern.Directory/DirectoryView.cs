using Postern.Directory.Searching;
using Postern.Directory.Synchronization;
using Postern.Directory.Updates;
using Postern.Ldap;

namespace Postern.Directory;

// RFC 3296 (partial): ManageDsaIT is obeyed by having no referral objects

/// <summary>The engine as one principal sees it.</summary>
internal sealed class DirectoryView(
    SearchContext context, SyncProvider provider, UpdateRequests updates, PasswordChange passwords, EntryRules rules, Principal principal)
    : IControlledDirectory
{
    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        new SearchRun(context, principal, request, SearchPlan.Plain, cancellationToken);

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) =>
        EntryComparison.RunAsync(context, rules, principal, request, [], cancellationToken);

    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) =>
        updates.BatchAsync(principal, operations, cancellationToken);

    public bool Honours(LdapOperation operation, string controlOid) => operation switch
    {
        SearchRequest => SearchControls.Honoured.Contains(controlOid) || controlOid == LdapOids.SyncRequest,
        CompareRequest => EntryComparison.HonouredControls.Contains(controlOid),
        _ => UpdateControls.Honours(operation, controlOid),
    };

    public Task<LdapAnswer> SearchAsync(
        SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken) =>
        controls.Any(c => c.Oid == LdapOids.SyncRequest)
            ? provider.SearchAsync(principal, request, controls, sink, cancellationToken)
            : ControlledSearch.RunAsync(context, principal, request, controls, sink, cancellationToken);

    public Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        updates.UpdateAsync(principal, operation, controls, cancellationToken);

    public async Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        new(await EntryComparison.RunAsync(context, rules, principal, request, controls, cancellationToken).ConfigureAwait(false));

    public Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> transaction, CancellationToken cancellationToken) =>
        updates.TransactAsync(principal, transaction, cancellationToken);

    public Task<LdapAnswer> ModifyPasswordAsync(ExtendedRequest request, string ownDn, CancellationToken cancellationToken) =>
        passwords.ModifyAsync(principal, request, ownDn, cancellationToken);

    private async Task<LdapResult> UpdateAsync(IUpdateOperation operation, CancellationToken cancellationToken)
    {
        BatchResult result = await updates.BatchAsync(principal, [operation], cancellationToken).ConfigureAwait(false);
        return result.Result;
    }
}
