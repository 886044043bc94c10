using Postern.Directory.Searching;
using Postern.Directory.Updates;
using Postern.Ldap;

namespace Postern.Directory;

/// <summary>The engine as one principal sees it.</summary>
internal sealed class DirectoryView(SearchContext context, UpdateRequests updates, EntryRules rules, Principal principal)
    : IControlledDirectory
{
    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        new SearchRun(context, principal, request, SearchPlan.Plain, cancellationToken);

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => UpdateAsync(request, cancellationToken);

    public async Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            AttributeType type = rules.TypeOf(request.Dn, request.Attribute);
            EntryView view = new(context, principal);
            if (!view.MayReadAttribute(type.Name))
            {
                throw EntryRules.Refuse(LdapResultCode.InsufficientAccessRights, request.Dn, $"{principal.Name} may not read {type.Name}");
            }

            await foreach (LdapEntry entry in SearchAsync(SearchRequest.ReadEntry(request.Dn, "*", "+"), cancellationToken).ConfigureAwait(false))
            {
                return Compare(entry, type, request);
            }

            throw EntryRules.Refuse(LdapResultCode.NoSuchObject, request.Dn, "no such entry");
        }
        catch (LdapException e)
        {
            return e.Result;
        }
    }

    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) =>
        updates.BatchAsync(principal, operations, cancellationToken);

    public bool Honours(LdapOperation operation, string controlOid) => operation switch
    {
        SearchRequest => SearchControls.Honoured.Contains(controlOid),
        CompareRequest => controlOid is LdapOids.ManageDsaIt or LdapOids.DontUseCopy,
        _ => UpdateControls.Honours(operation, controlOid),
    };

    public Task<LdapAnswer> SearchAsync(
        SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken) =>
        ControlledSearch.RunAsync(context, principal, request, controls, sink, cancellationToken);

    public Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        updates.UpdateAsync(principal, operation, controls, cancellationToken);

    public async Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        new(await CompareAsync(request, cancellationToken).ConfigureAwait(false));

    public Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> transaction, CancellationToken cancellationToken) =>
        updates.TransactAsync(principal, transaction, cancellationToken);

    public Task<LdapAnswer> ModifyPasswordAsync(ExtendedRequest request, string ownDn, CancellationToken cancellationToken) =>
        Task.FromResult(new LdapAnswer(new LdapResult(LdapResultCode.UnwillingToPerform, "passwords are not changed here")));

    private async Task<LdapResult> UpdateAsync(IUpdateOperation operation, CancellationToken cancellationToken)
    {
        BatchResult result = await updates.BatchAsync(principal, [operation], cancellationToken).ConfigureAwait(false);
        return result.Result;
    }

    private LdapResult Compare(LdapEntry entry, AttributeType type, CompareRequest request)
    {
        bool found = false;
        foreach (LdapAttribute attribute in entry.Attributes)
        {
            if (AttributeDescription.Matches(attribute.Description, string.Concat(type.Name, request.Attribute.AsSpan(SchemaWords.TypeName(request.Attribute).Length))))
            {
                found = true;
                if (rules.IndexOfValue(type, attribute.Values, request.Value) >= 0)
                {
                    return new LdapResult(LdapResultCode.CompareTrue);
                }
            }
        }

        return found
            ? new LdapResult(LdapResultCode.CompareFalse)
            : new LdapResult(LdapResultCode.NoSuchAttribute, $"{request.Dn}: there is no {request.Attribute}");
    }
}
