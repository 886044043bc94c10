namespace Postern.Ldap;

/// <summary>
/// The one seam of the house: a directory as its users see it. Two implementations: the embedded engine, and any LDAP server
/// through the client. An instance acts with one identity; what that identity may not do comes back as
/// <see cref="LdapResultCode.InsufficientAccessRights"/>.
/// </summary>
/// <remarks>Updates return the directory's answer; only a lost connection, a cancelled call or a broken store throws.</remarks>
public interface IDirectory
{
    /// <summary>Streams the entries found. Ends normally only when the search was complete.</summary>
    /// <exception cref="LdapException">The search ended with anything but success; what was yielded before is a partial answer.</exception>
    IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default);

    Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default);

    Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default);

    Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default);

    Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default);

    /// <returns><see cref="LdapResultCode.CompareTrue"/>, <see cref="LdapResultCode.CompareFalse"/> or an error.</returns>
    Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default);

    /// <summary>Applies the operations in order, all or none, durable when the task ends. Batches take effect in the order of the calls.</summary>
    Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default);
}

/// <summary>What became of a batch.</summary>
/// <param name="Result">Success, or the first refusal: then nothing of the batch was applied.</param>
/// <param name="FailedOperation">Index of the refused operation, or -1.</param>
public sealed record BatchResult(LdapResult Result, int FailedOperation = -1);
