using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>A search's base entry in a snapshot of its own. Whoever opens it closes it, and says whether the connection is still good.</summary>
internal sealed class SearchBase
{
    private readonly SearchContext _context;

    private SearchBase(SearchContext context, ReadSession session, TreeNode node)
    {
        (_context, Session, Node) = (context, session, node);
    }

    public ReadSession Session { get; }

    public TreeNode Node { get; }

    /// <summary>Before anything is looked up: who may not read here learns nothing about what is there.</summary>
    /// <exception cref="LdapException">invalidDNSyntax, insufficientAccessRights.</exception>
    public static DistinguishedName Authorize(SearchContext context, EntryView view, Principal principal, SearchRequest request)
    {
        DistinguishedName dn = context.Names.Parse(request.BaseDn);
        return view.MayRead(dn.Normalized)
            ? dn
            : throw new LdapException(LdapResultCode.InsufficientAccessRights, $"search under \"{request.BaseDn}\": {principal.Name} may not read there");
    }

    /// <summary>Takes over a session that was rented; gives it back when there is no such entry.</summary>
    /// <exception cref="LdapException">noSuchObject, with the nearest entry above that the principal may read.</exception>
    /// <exception cref="StoreFailureException">The file cannot be read.</exception>
    public static SearchBase Open(SearchContext context, ReadSession session, DistinguishedName dn, EntryView view, SearchRequest request)
    {
        bool healthy = true;
        try
        {
            TreeNode? node = session.Entries.Resolve(dn, session.Places, remember: request.Scope != SearchScope.BaseObject, out TreeNode? matched);
            if (node is not null)
            {
                return new SearchBase(context, session, node);
            }

            throw NoSuchObject(context, dn, matched is not null && view.MayRead(matched.Normalized) ? matched.Dn : "", request);
        }
        catch (Exception e)
        {
            healthy = e is not StoreFailureException;
            Return(context, session, ref healthy);
            throw;
        }
    }

    public static LdapException NoSuchObject(SearchContext context, DistinguishedName dn, string matchedDn, SearchRequest request) => new(
        context.Suffixes.Any(dn.IsWithin)
            ? new LdapResult(LdapResultCode.NoSuchObject, $"{dn}: no such entry", matchedDn)
            : new LdapResult(
                LdapResultCode.NoSuchObject, $"{dn}: lies in none of this directory's naming contexts ({string.Join("; ", context.Suffixes)})"),
        $"search under {request.BaseDn}");

    /// <param name="healthy">False when the store failed: the connection is not used again.</param>
    public void Close(bool healthy) => Return(_context, Session, ref healthy);

    private static void Return(SearchContext context, ReadSession session, ref bool healthy)
    {
        try
        {
            session.End();
        }
        catch (StoreFailureException)
        {
            healthy = false;
        }

        context.Readers.Return(session, healthy);
    }
}
