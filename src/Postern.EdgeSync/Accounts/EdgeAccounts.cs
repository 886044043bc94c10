using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Accounts;

/// <summary>An account as an operator sees it.</summary>
/// <param name="Role">lookup, operator, bootstrap or replication.</param>
/// <param name="IsOfSubscription">Made and ended by a subscription, not by hand.</param>
public sealed record EdgeAccount(string Name, string Dn, string Role, CertificatePin? Certificate, DateTimeOffset? Effective, bool IsOfSubscription);

/// <summary>What was asked of an account cannot be done.</summary>
public sealed class AccountException(AccountFault fault, string message, string hint) : Exception(message)
{
    public AccountFault Fault { get; } = fault;

    public string Hint { get; } = hint;
}

public enum AccountFault
{
    BadName,
    Exists,
    Missing,
    OfSubscription,
}

/// <summary>Accounts of an edge directory for people and their tools: made, listed and removed by whoever runs the edge.</summary>
public sealed class EdgeAccounts(DirectoryEngine engine, TimeProvider time)
{
    /// <summary>Letters in a name; as long as a host's label.</summary>
    private const int MaxName = 63;

    private readonly IDirectory _directory = engine.As(Principal.System);

    /// <summary>Words for <see cref="NewAsync"/>.</summary>
    public static IReadOnlyList<string> Roles { get; } = [AccountEntry.LookupRole, AccountEntry.OperatorRole];

    /// <param name="role">One of <see cref="Roles"/>.</param>
    /// <param name="certificate">With it the account may also log on by SASL EXTERNAL.</param>
    /// <returns>Its name in the directory and its password, which is stored as a hash only.</returns>
    /// <exception cref="AccountException">The name is taken, or none.</exception>
    public async Task<(string Dn, string Password)> NewAsync(string name, string role, CertificatePin? certificate, CancellationToken cancellationToken)
    {
        bool good = name.Length is > 0 and <= MaxName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-') && name[0] != '-';
        if (!good)
        {
            throw new AccountException(
                AccountFault.BadName, $"'{name}' is no name for an account", $"1 to {MaxName} letters, digits and hyphens are, not beginning with a hyphen");
        }

        if (!Roles.Contains(role))
        {
            throw new AccountException(AccountFault.BadName, $"'{role}' is no role", $"roles are {string.Join(" and ", Roles)}");
        }

        if (certificate is not null && (await ListAsync(cancellationToken)).FirstOrDefault(a => certificate.Equals(a.Certificate)) is { } other)
        {
            throw new AccountException(AccountFault.Exists, $"the certificate is for account {other.Name} already", "remove that account, or use another certificate");
        }

        string password = AccountSecrets.NewPassword();
        ReadOnlyMemory<byte>? pin = null;
        if (certificate is not null)
        {
            pin = certificate.Sha256;
        }

        LdapResult result = await _directory.AddAsync(
            AccountEntry.ToAdd(name, password, role, time.GetUtcNow().AddSeconds(-1), certificateSha256: pin), cancellationToken);
        if (result.Code == LdapResultCode.EntryAlreadyExists)
        {
            throw new AccountException(AccountFault.Exists, $"there is an account {name} already", "remove it first, or choose another name");
        }

        result.ThrowIfFailed($"add account {name}");
        return (AccountEntry.Dn(name), password);
    }

    public async Task<IReadOnlyList<EdgeAccount>> ListAsync(CancellationToken cancellationToken)
    {
        List<EdgeAccount> accounts = [];
        SearchRequest request = new(EdgeLayout.Accounts, SearchScope.SingleLevel, Filter.Anything, ["*"]);
        await foreach (LdapEntry entry in _directory.SearchAsync(request, cancellationToken))
        {
            accounts.Add(new EdgeAccount(
                entry.FirstString("cn") ?? entry.Dn,
                entry.Dn,
                entry.FirstString(PosternAttributes.Role) ?? "",
                entry.Find(PosternAttributes.CertificateSha256) is { Values: [{ } pin, ..] } ? CertificatePin.Parse(Convert.ToHexString(pin.Span)) : null,
                SyncStateEntry.ReadTime(entry, PosternAttributes.EffectiveTime),
                AccountEntry.IsOfSubscription(entry)));
        }

        return [.. accounts.OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Sessions of the account end with it.</summary>
    /// <exception cref="AccountException">There is none, or a subscription has made it.</exception>
    public async Task<EdgeAccount> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        EdgeAccount account = (await ListAsync(cancellationToken)).FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new AccountException(AccountFault.Missing, $"there is no account {name}", "see `postern directory account list`");
        if (account.IsOfSubscription)
        {
            throw new AccountException(
                AccountFault.OfSubscription, $"account {account.Name} belongs to the subscription", "`postern subscription remove` ends it");
        }

        (await _directory.DeleteAsync(new DelRequest(account.Dn), cancellationToken)).ThrowIfFailed($"remove account {account.Name}");
        return account;
    }
}
