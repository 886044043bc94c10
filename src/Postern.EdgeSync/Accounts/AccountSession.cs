using Postern.Directory;
using Postern.Ldap;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// The directory as one account sees it, for as long as the account stands. A session outlives nothing that a login would not pass: a
/// bootstrap account that was used, an account that expired, was removed, or was made anew by <c>subscription new --force</c>.
/// </summary>
internal sealed class AccountSession(IControlledDirectory inner, AccountVerifier accounts, AccountProof proof, string account)
    : IControlledDirectory
{
    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? throw new LdapException(refusal, "search") : inner.SearchAsync(request, cancellationToken);

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : inner.AddAsync(request, cancellationToken);

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : inner.ModifyAsync(request, cancellationToken);

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : inner.DeleteAsync(request, cancellationToken);

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : inner.ModifyDnAsync(request, cancellationToken);

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : inner.CompareAsync(request, cancellationToken);

    // The look is taken before the first await, so batches keep the order of the calls.
    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(new BatchResult(refusal, 0)) : inner.BatchAsync(operations, cancellationToken);

    public bool Honours(LdapOperation operation, string controlOid) => inner.Honours(operation, controlOid);

    public Task<LdapAnswer> SearchAsync(
        SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : inner.SearchAsync(request, controls, sink, cancellationToken);

    public Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : inner.UpdateAsync(operation, controls, cancellationToken);

    public Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : inner.CompareAsync(request, controls, cancellationToken);

    public Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> updates, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new TransactionAnswer(refusal, 0, [])) : inner.TransactAsync(updates, cancellationToken);

    public Task<LdapAnswer> ModifyPasswordAsync(ExtendedRequest request, string ownDn, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : inner.ModifyPasswordAsync(request, ownDn, cancellationToken);

    private LdapResult? Refusal()
    {
        try
        {
            return accounts.Recheck(proof) == AccountState.Valid
                ? null
                : new LdapResult(LdapResultCode.InsufficientAccessRights, $"{account} has ended since this session logged on; log on again");
        }
        catch (LdapException e)
        {
            return e.Result;
        }
    }
}
