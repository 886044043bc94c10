using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Compare, RFC 4511 section 4.10: by the attribute's equality rule, over what the principal may see.</summary>
internal static class EntryComparison
{
    public static IReadOnlyList<string> HonouredControls { get; } = [LdapOids.Assertion, LdapOids.ManageDsaIt, LdapOids.DontUseCopy];

    public static async Task<LdapResult> RunAsync(
        SearchContext context, EntryRules rules, Principal principal, CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken)
    {
        try
        {
            SearchPlan plan = new() { Assertion = SearchControls.Read(controls, context.Limits).Assertion };
            AttributeType type = rules.TypeOf(request.Dn, request.Attribute);
            EntryView view = new(context, principal);
            if (!view.MayReadAttribute(type.Name))
            {
                throw EntryRules.Refuse(LdapResultCode.InsufficientAccessRights, request.Dn, $"{principal.Name} may not read {type.Name}");
            }

            SearchRun run = new(context, principal, SearchRequest.ReadEntry(request.Dn, request.Attribute), plan, cancellationToken);
            await using (((IAsyncDisposable)run).ConfigureAwait(false))
            {
                return await run.MoveNextAsync().ConfigureAwait(false)
                    ? Compare(run.Current, type, request, context.Schema)
                    : throw EntryRules.Refuse(LdapResultCode.NoSuchObject, request.Dn, "no such entry");
            }
        }
        catch (LdapException e)
        {
            return e.Result;
        }
    }

    private static LdapResult Compare(LdapEntry entry, AttributeType type, CompareRequest request, DirectorySchema schema)
    {
        if (entry.Attributes.Count == 0)
        {
            throw EntryRules.Refuse(LdapResultCode.NoSuchAttribute, request.Dn, $"there is no {request.Attribute}");
        }

        // What was selected is the attribute, its subtypes and their options: what an equality filter asks about.
        CompiledFilter filter = CompiledFilter.Compile(new EqualityFilter(request.Attribute, request.Value), schema);
        return filter.Matches(entry) switch
        {
            true => new LdapResult(LdapResultCode.CompareTrue),
            false => new LdapResult(LdapResultCode.CompareFalse),
            null when type.Equality == MatchingRule.None =>
                throw EntryRules.Refuse(LdapResultCode.InappropriateMatching, request.Dn, $"{type.Name} has no equality rule"),
            null => throw EntryRules.Refuse(
                LdapResultCode.InvalidAttributeSyntax, request.Dn,
                $"{request.Attribute}: {SchemaWords.Show(request.Attribute, request.Value)} is not valid by its syntax ({Syntaxes.NameOf(type.Syntax)})"),
        };
    }
}
