namespace Postern.Ldap.Client.Wire;

/// <summary>Which answer belongs to which update.</summary>
internal static class Updates
{
    /// <exception cref="ArgumentException">No update of RFC 4511.</exception>
    public static PendingAnswer Pending(IUpdateOperation operation) => operation switch
    {
        AddRequest => PendingAnswer.Of<AddResponse>(),
        ModifyRequest => PendingAnswer.Of<ModifyResponse>(),
        DelRequest => PendingAnswer.Of<DelResponse>(),
        ModifyDnRequest => PendingAnswer.Of<ModifyDnResponse>(),
        _ => throw new ArgumentException($"{operation.GetType().Name} is no update", nameof(operation)),
    };

    public static LdapResult Result(LdapMessage answer) => answer.Operation switch
    {
        AddResponse added => added.Result,
        ModifyResponse modified => modified.Result,
        DelResponse deleted => deleted.Result,
        ModifyDnResponse renamed => renamed.Result,
        CompareResponse compared => compared.Result,
        ExtendedResponse extended => extended.Result,
        _ => throw new ArgumentException($"{answer.Operation.GetType().Name} has no result", nameof(answer)),
    };
}
