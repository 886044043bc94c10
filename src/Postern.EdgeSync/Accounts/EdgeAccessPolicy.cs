using System.Text;
using Postern.Directory;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// Who may do what on an edge. Replication accounts write what is replicated, its state, and make and end the accounts of hubs; the
/// bootstrap account adds one kind of account and does nothing else; lookups read recipients, domains and state; operators do everything,
/// but leave the tree standing.
/// Whoever has not logged on reads the root DSE and the schema, which say what this server is and nothing about whom it knows.
/// </summary>
public sealed class EdgeAccessPolicy : IAccessPolicy
{
    private static readonly string Recipients = Normal(EdgeLayout.Recipients);
    private static readonly string Configuration = Normal(EdgeLayout.Configuration);
    private static readonly string Synchronization = Normal(EdgeLayout.Synchronization);
    private static readonly string Accounts = Normal(EdgeLayout.Accounts);
    private static readonly string Lease = Normal(EdgeLayout.Lease);

    /// <summary>What a new account may say about itself; anything else might be read as a right some day.</summary>
    private static readonly HashSet<string> AccountAttributes = new(AttributeDescription.Comparer)
    {
        "objectClass", "cn", AccountEntry.PasswordAttribute, PosternAttributes.Role, PosternAttributes.EffectiveTime,
        PosternAttributes.ExpirationTime, PosternAttributes.CreatedBy,
    };

    /// <summary>What the edge itself stands on: who takes one of these away takes away every account, or what a hub writes below.</summary>
    private static readonly HashSet<string> Containers =
    [
        Normal(EdgeLayout.Suffix), Recipients, Configuration, .. ConfigurationClasses.All.Select(kind => Normal(kind.EdgeDn)), Synchronization, Normal(EdgeLayout.Held), Accounts, Lease,
    ];

    private static readonly string Subschema = Normal("cn=subschema");

    public bool MayRead(Principal principal, string normalizedDn) => normalizedDn.Length == 0 || normalizedDn == Subschema || principal.Role switch
    {
        DirectoryRole.Operator => true,
        DirectoryRole.Lookup => IsReplicated(normalizedDn),
        DirectoryRole.Replication => IsReplicated(normalizedDn) || normalizedDn == Accounts || IsReplicationAccount(normalizedDn),
        _ => false,
    };

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => principal.Role switch
    {
        DirectoryRole.Operator => operation is not (DelRequest or ModifyDnRequest) || !Containers.Contains(normalizedDn),

        // The containers themselves belong to the edge.
        DirectoryRole.Replication => IsBelow(normalizedDn, Recipients)
            || (IsBelow(normalizedDn, Configuration) && !Containers.Contains(normalizedDn))
            || (IsBelow(normalizedDn, Synchronization) && (normalizedDn != Lease || operation is ModifyRequest))
            || (IsReplicationAccount(normalizedDn) && (operation is DelRequest || (operation is AddRequest other && IsNewReplicationAccount(normalizedDn, other, createdBy: null)))),
        DirectoryRole.Bootstrap => operation is AddRequest add
            && DistinguishedName.TryParse(principal.Name, out DistinguishedName? own, out _)
            && IsNewReplicationAccount(normalizedDn, add, own.Rdn.Parts[0].Value),
        _ => false,
    };

    /// <summary>People and tools may change their own. A hub's password is random and made by the edge; the bootstrap account's ends with its use.</summary>
    public bool MayChangePassword(Principal principal, string normalizedDn, bool own) =>
        principal.Role == DirectoryRole.Operator || (own && principal.Role == DirectoryRole.Lookup);

    public bool MayReadAttribute(Principal principal, string attribute) =>
        !AttributeDescription.Comparer.Equals(attribute, AccountEntry.PasswordAttribute);

    private static bool IsReplicated(string dn) =>
        IsWithin(dn, Recipients) || IsWithin(dn, Configuration) || IsWithin(dn, Synchronization);

    /// <summary>Of whatever hub: those of a site let each other in, and shut those out that left.</summary>
    private static bool IsReplicationAccount(string dn) => TryGetAccount(dn, out string account) && EdgeNames.TryGetHub(account, out _);

    /// <param name="createdBy">The bootstrap account that is used for it; null: none may be named.</param>
    private static bool IsNewReplicationAccount(string dn, AddRequest add, string? createdBy) =>
        IsReplicationAccount(dn)
        && add.Attributes.All(attribute => AccountAttributes.Contains(attribute.Description))
        && HasOnly(add, PosternAttributes.Role, AccountEntry.ReplicationRole)
        && (createdBy is null
            ? !add.Attributes.Any(attribute => AttributeDescription.Comparer.Equals(attribute.Description, PosternAttributes.CreatedBy))
            : HasOnly(add, PosternAttributes.CreatedBy, createdBy));

    private static bool HasOnly(AddRequest add, string attribute, string value)
    {
        LdapAttribute[] found = [.. add.Attributes.Where(a => AttributeDescription.Comparer.Equals(a.Description, attribute))];
        return found is [{ Values: [{ } only] }] && string.Equals(Encoding.UTF8.GetString(only.Span), value, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The cn of an entry right below the accounts.</summary>
    private static bool TryGetAccount(string dn, out string account)
    {
        const string prefix = "cn=";
        account = "";
        if (!IsBelow(dn, Accounts) || !dn.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        account = dn[prefix.Length..(dn.Length - Accounts.Length - 1)];

        // Names of accounts are letters, digits, hyphens and dots: whatever else stands here is several steps, or several values.
        return account.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
    }

    private static bool IsWithin(string dn, string ancestor) => dn == ancestor || IsBelow(dn, ancestor);

    /// <summary>Names in normal form escape a comma within a value, so a bare one before the ancestor divides steps.</summary>
    private static bool IsBelow(string dn, string ancestor)
    {
        int comma = dn.Length - ancestor.Length - 1;
        return comma > 0 && dn[comma] == ',' && dn[comma - 1] != '\\' && dn.EndsWith(ancestor, StringComparison.Ordinal);
    }

    private static string Normal(string dn) => DistinguishedName.Parse(dn).Normalized;
}

/// <summary>The organization directory has no callers over the wire yet: nobody but the process itself.</summary>
public sealed class OrganizationAccessPolicy : IAccessPolicy
{
    public bool MayRead(Principal principal, string normalizedDn) => false;

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => false;

    public bool MayReadAttribute(Principal principal, string attribute) => false;
}
