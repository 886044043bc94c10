using System.Text;
using Postern.Directory;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>
/// Who may do what on an edge. Replication accounts write what is replicated, its state, and bring and take away the credentials of hubs;
/// the bootstrap account, and a hub that proved itself by its certificate, bring a credential and do nothing else. Accounts are made by the
/// edge alone. Lookups read recipients, domains and state; operators do everything,
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

    private static readonly string Credentials = Normal(EdgeLayout.Credentials);
    private static readonly string Subscription = Normal(EdgeLayout.Subscription);

    /// <summary>What a new credential may say; anything else might be read as a right some day.</summary>
    private static readonly HashSet<string> CredentialAttributes = new(AttributeDescription.Comparer)
    {
        "objectClass", "cn", PosternAttributes.EdgeSyncCredential, PosternAttributes.CreatedBy,
    };

    /// <summary>What the edge itself stands on: who takes one of these away takes away every account, or what a hub writes below.</summary>
    private static readonly HashSet<string> Containers =
    [
        Normal(EdgeLayout.Suffix), Recipients, Configuration, .. ConfigurationClasses.All.Select(kind => Normal(kind.EdgeDn)), Synchronization, Normal(EdgeLayout.Held), Accounts, Credentials, Lease,
    ];

    private static readonly string Subschema = Normal("cn=subschema");

    public bool MayRead(Principal principal, string normalizedDn) => normalizedDn.Length == 0 || normalizedDn == Subschema || principal.Role switch
    {
        DirectoryRole.Operator => true,
        DirectoryRole.Lookup => IsReplicated(normalizedDn),
        DirectoryRole.Replication => IsReplicated(normalizedDn) || IsWithin(normalizedDn, Credentials) || normalizedDn == Subscription
            || normalizedDn == Accounts || (TryGetName(normalizedDn, Accounts, out string account) && EdgeNames.TryGetHub(account, out _)),
        DirectoryRole.Hub => normalizedDn == Subscription,
        _ => false,
    };

    public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => principal.Role switch
    {
        DirectoryRole.Operator => operation is not (DelRequest or ModifyDnRequest) || !Containers.Contains(normalizedDn),

        // The containers themselves belong to the edge.
        DirectoryRole.Replication => IsBelow(normalizedDn, Recipients)
            || (IsBelow(normalizedDn, Configuration) && !Containers.Contains(normalizedDn))
            || (IsBelow(normalizedDn, Synchronization) && (normalizedDn != Lease || operation is ModifyRequest))
            || (IsBelow(normalizedDn, Credentials) && (operation is DelRequest or ModifyRequest || (operation is AddRequest one && !Names(one, PosternAttributes.CreatedBy)))),
        DirectoryRole.Bootstrap => IsCredential(normalizedDn, hub: null) && (operation is AddRequest add
            ? DistinguishedName.TryParse(principal.Name, out DistinguishedName? own, out _) && IsBroughtBy(add, own.Rdn.Parts[0].Value)
            : operation is ModifyRequest change && IsReplacement(change)),
        DirectoryRole.Hub => DistinguishedName.TryParse(principal.Name, out DistinguishedName? self, out _)
            && IsCredential(normalizedDn, self.Rdn.Parts[0].Value)
            && (operation is AddRequest anew ? IsBroughtBy(anew, null) : operation is ModifyRequest renewal && IsReplacement(renewal)),
        _ => false,
    };

    /// <summary>People and tools may change their own. A hub's password is random and made by the edge; the bootstrap account's ends with its use.</summary>
    public bool MayChangePassword(Principal principal, string normalizedDn, bool own) =>
        principal.Role == DirectoryRole.Operator || (own && principal.Role == DirectoryRole.Lookup);

    public bool MayReadAttribute(Principal principal, string attribute) =>
        !AttributeDescription.Comparer.Equals(attribute, AccountEntry.PasswordAttribute);

    private static bool IsReplicated(string dn) =>
        IsWithin(dn, Recipients) || IsWithin(dn, Configuration) || IsWithin(dn, Synchronization);

    /// <summary>A credential of a replication account; of this hub, or of whatever hub.</summary>
    private static bool IsCredential(string dn, string? hub) =>
        TryGetName(dn, Credentials, out string account) && EdgeNames.TryGetHub(account, out string owner)
        && (hub is null || owner.Equals(hub, StringComparison.OrdinalIgnoreCase));

    /// <param name="bootstrap">The bootstrap account that brings it; null: none may be named.</param>
    private static bool IsBroughtBy(AddRequest add, string? bootstrap) =>
        add.Attributes.All(attribute => CredentialAttributes.Contains(attribute.Description))
        && DistinguishedName.TryParse(add.Dn, out DistinguishedName? dn, out _)
        && HasOnly(add, "cn", dn.Rdn.Parts[0].Value)
        && HasOnly(add, "objectClass", PosternClasses.Credential)
        && (bootstrap is null ? !Names(add, PosternAttributes.CreatedBy) : HasOnly(add, PosternAttributes.CreatedBy, bootstrap));

    private static bool IsReplacement(ModifyRequest change) =>
        change.Changes.All(one => AttributeDescription.Comparer.Equals(one.Attribute.Description, PosternAttributes.EdgeSyncCredential));

    private static bool Names(AddRequest add, string attribute) => add.Attributes.Any(one => AttributeDescription.Comparer.Equals(one.Description, attribute));

    private static bool HasOnly(AddRequest add, string attribute, string value)
    {
        LdapAttribute[] found = [.. add.Attributes.Where(a => AttributeDescription.Comparer.Equals(a.Description, attribute))];
        return found is [{ Values: [{ } only] }] && string.Equals(Encoding.UTF8.GetString(only.Span), value, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The cn of an entry right below a container.</summary>
    private static bool TryGetName(string dn, string container, out string name)
    {
        const string prefix = "cn=";
        name = "";
        if (!IsBelow(dn, container) || !dn.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        name = dn[prefix.Length..(dn.Length - container.Length - 1)];

        // Names of accounts are letters, digits, hyphens and dots: whatever else stands here is several steps, or several values.
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
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
