using System.Text;
using Postern.Directory;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>Accounts as entries of the edge directory (posternAccount).</summary>
internal static class AccountEntry
{
    public const string BootstrapRole = "bootstrap";

    public const string ReplicationRole = "replication";

    public const string LookupRole = "lookup";

    public const string OperatorRole = "operator";

    public const string PasswordAttribute = "userPassword";

    /// <summary>Whether a subscription made the account and ends it.</summary>
    public static bool IsOfSubscription(LdapEntry account) =>
        account.FirstString(PosternAttributes.Role) is not { } role
        || (!role.Equals(LookupRole, StringComparison.OrdinalIgnoreCase) && !role.Equals(OperatorRole, StringComparison.OrdinalIgnoreCase));

    public static string Dn(string account) => $"cn={account},{EdgeLayout.Accounts}";

    /// <summary>The password travels and is stored hashed already: it is random, so the fast salted form is enough.</summary>
    public static AddRequest ToAdd(string account, string password, string role, DateTimeOffset effective, DateTimeOffset? expires = null, string? createdBy = null, ReadOnlyMemory<byte>? certificateSha256 = null)
    {
        List<LdapAttribute> attributes =
        [
            new("objectClass", PosternClasses.Account),
            new("cn", account),
            new(PasswordAttribute, PasswordHash.Create(Encoding.UTF8.GetBytes(password), PasswordStrength.Random)),
            new(PosternAttributes.Role, role),
            new(PosternAttributes.EffectiveTime, SyncStateEntry.PrintTime(effective)),
        ];
        if (role == BootstrapRole)
        {
            attributes.Add(new LdapAttribute(PosternAttributes.Failures, "0"));
        }

        if (expires is { } end)
        {
            attributes.Add(new LdapAttribute(PosternAttributes.ExpirationTime, SyncStateEntry.PrintTime(end)));
        }

        if (createdBy is not null)
        {
            attributes.Add(new LdapAttribute(PosternAttributes.CreatedBy, createdBy));
        }

        if (certificateSha256 is { } pin)
        {
            attributes.Add(new LdapAttribute(PosternAttributes.CertificateSha256, [pin]));
        }

        return new AddRequest(Dn(account), attributes);
    }
}
