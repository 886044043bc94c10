using Postern.Directory;
using Postern.Ldap;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// The directory as one identity sees it, for as long as that stands. A session outlives nothing that a login would not pass: a
/// bootstrap account that was used, an account that expired, was removed, or was made anew by <c>subscription new --force</c>.
/// </summary>
internal sealed class AccountSession : IControlledDirectory
{
    private readonly Func<LdapResult?> _refusal;
    private readonly IControlledDirectory _inner;

    /// <param name="refusal">Asked before every operation: null, or why there are no more.</param>
    public AccountSession(DirectoryEngine engine, string name, DirectoryRole role, Func<LdapResult?> refusal)
    {
        _refusal = refusal;
        _inner = engine.As(new Principal(name, role) { Refusal = Refusal });
    }

    /// <summary>Of an account that has proven itself.</summary>
    public static AccountSession Of(DirectoryEngine engine, AccountVerifier accounts, AccountProof proof, string account, DirectoryRole role) => new(
        engine, account, role, () => accounts.Recheck(proof) == AccountState.Valid
            ? null
            : new LdapResult(LdapResultCode.InsufficientAccessRights, $"{account} has ended since this session logged on; log on again"));

    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? throw new LdapException(refusal, "search") : _inner.SearchAsync(request, cancellationToken);

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : _inner.AddAsync(request, cancellationToken);

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : _inner.ModifyAsync(request, cancellationToken);

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : _inner.DeleteAsync(request, cancellationToken);

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : _inner.ModifyDnAsync(request, cancellationToken);

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(refusal) : _inner.CompareAsync(request, cancellationToken);

    // The look is taken before the first await, so batches keep the order of the calls.
    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) =>
        Refusal() is { } refusal ? Task.FromResult(new BatchResult(refusal, 0)) : _inner.BatchAsync(operations, cancellationToken);

    public bool Honours(LdapOperation operation, string controlOid) => _inner.Honours(operation, controlOid);

    public Task<LdapAnswer> SearchAsync(
        SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : _inner.SearchAsync(request, controls, sink, cancellationToken);

    public Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : _inner.UpdateAsync(operation, controls, cancellationToken);

    public Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : _inner.CompareAsync(request, controls, cancellationToken);

    public Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> updates, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new TransactionAnswer(refusal, 0, [])) : _inner.TransactAsync(updates, cancellationToken);

    public Task<LdapAnswer> ModifyPasswordAsync(ExtendedRequest request, string ownDn, CancellationToken cancellationToken) =>
        Refusal() is { } refusal ? Task.FromResult(new LdapAnswer(refusal)) : _inner.ModifyPasswordAsync(request, ownDn, cancellationToken);

    private LdapResult? Refusal()
    {
        try
        {
            return _refusal();
        }
        catch (LdapException e)
        {
            return e.Result;
        }
    }
}
