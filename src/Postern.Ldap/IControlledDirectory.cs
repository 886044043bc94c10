namespace Postern.Ldap;

/// <summary>
/// A directory that a server can stand in front of: it also takes the controls (RFC 4511 section 4.1.11) that clients send with their
/// requests. The server passes on only controls that the directory says it honours for that operation; it has already ignored the
/// others, or refused the request because of them.
/// </summary>
public interface IControlledDirectory : IDirectory
{
    /// <summary>Whether requests of this kind may carry the control. Called for every control of every request: quick.</summary>
    bool Honours(LdapOperation operation, string controlOid);

    /// <summary>Runs a search and pushes what it finds. Works on the caller's thread as long as the sink keeps up, but lets go of it
    /// every now and then, so that the caller sees the next request.</summary>
    /// <returns>The result for SearchResultDone and its controls. Refusals are answers, not exceptions.</returns>
    Task<LdapAnswer> SearchAsync(SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken);

    /// <summary>Add, modify, delete or modifyDN. Updates take effect in the order of the calls.</summary>
    Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken);

    Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken);

    /// <summary>Applies updates with their controls in order, all or none (RFC 5805), durable when the task ends.</summary>
    Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> updates, CancellationToken cancellationToken);

    /// <summary>Password modify, RFC 3062: of the account itself (<paramref name="ownDn"/>) when the request names nobody.</summary>
    Task<LdapAnswer> ModifyPasswordAsync(ExtendedRequest request, string ownDn, CancellationToken cancellationToken);
}

/// <summary>Takes what a search finds, in order; the search waits for each task.</summary>
public interface ISearchSink
{
    ValueTask EntryAsync(LdapEntry entry, IReadOnlyList<LdapControl> controls);

    /// <summary>RFC 4533 section 2.5 and others.</summary>
    ValueTask IntermediateAsync(IntermediateResponse response);
}

/// <summary>What a directory says to a request with controls.</summary>
/// <param name="Controls">Response controls.</param>
/// <param name="Value">responseValue of an extended operation.</param>
public sealed record LdapAnswer(LdapResult Result, IReadOnlyList<LdapControl> Controls, ReadOnlyMemory<byte>? Value = null)
{
    public LdapAnswer(LdapResult result)
        : this(result, [])
    {
    }

    public static LdapAnswer Success { get; } = new(LdapResult.Success);
}

/// <summary>An update and the controls that came with it.</summary>
public sealed record ControlledUpdate(IUpdateOperation Operation, IReadOnlyList<LdapControl> Controls);

/// <summary>What became of a transaction.</summary>
/// <param name="FailedUpdate">Index of the refused update, or -1.</param>
/// <param name="Controls">After success: the response controls of each update, in their order.</param>
public sealed record TransactionAnswer(LdapResult Result, int FailedUpdate, IReadOnlyList<IReadOnlyList<LdapControl>> Controls);
