using Postern.Ldap;

namespace Postern.Directory;

public enum AccountState
{
    Valid,

    /// <summary>No such account, or the password is wrong: a caller cannot tell, and neither can a clock.</summary>
    UnknownOrWrong,
    NotYetEffective,
    Expired,

    /// <summary>A bootstrap account after its one session.</summary>
    Used,
}

/// <param name="Account">The account's entry without its password, for every state but <see cref="AccountState.UnknownOrWrong"/>.</param>
public sealed record AccountCheck(AccountState State, LdapEntry? Account);

/// <summary>Checks names and passwords against the accounts below one entry.</summary>
public sealed class AccountVerifier(DirectoryEngine engine, string accountsDn, TimeProvider time)
{
    /// <param name="bindName">The account's DN, or its bare cn.</param>
    /// <exception cref="LdapException">The directory cannot be read.</exception>
    public Task<AccountCheck> VerifyAsync(string bindName, ReadOnlyMemory<byte> password, CancellationToken cancellationToken = default)
    {
        _ = (engine, accountsDn, time);
        throw new NotImplementedException();
    }
}
