using System.Globalization;
using System.Security.Cryptography;
using Postern.Ldap;
using Postern.Mail;

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

    /// <summary>An account that counts wrong passwords (posternFailures), after <see cref="AccountVerifier.MaxFailures"/> of them.</summary>
    Closed,
}

/// <param name="Account">The account's entry without its password, for every state but <see cref="AccountState.UnknownOrWrong"/>.</param>
public sealed record AccountCheck(AccountState State, LdapEntry? Account)
{
    /// <summary>What <see cref="AccountVerifier.Recheck"/> takes; null where the password was not proven.</summary>
    public AccountProof? Proof { get; init; }
}

/// <summary>That somebody has shown the password of one account: good for as long as that account, with that password, stands.</summary>
public sealed class AccountProof
{
    internal AccountProof(DistinguishedName dn, byte[] stored) => (Dn, Stored) = (dn, stored);

    /// <summary>The account as it was last seen; null when it was gone. Good while the directory stands still.</summary>
    internal AccountSighting? LastSeen { get; set; }

    internal DistinguishedName Dn { get; }

    /// <summary>Salted, so an account that was made anew under the same name differs even with the same password.</summary>
    internal byte[] Stored { get; }
}

/// <param name="Commits">Of the directory, before the look.</param>
/// <param name="Terms">Null: there is no such account any more, or it has another password.</param>
internal sealed record AccountSighting(long Commits, AccountTerms? Terms);

/// <summary>What an account says about its own validity.</summary>
internal sealed record AccountTerms(bool Used, bool Closed, DateTimeOffset? Effective, DateTimeOffset? Expires)
{
    public AccountState At(DateTimeOffset now) => Used ? AccountState.Used
        : Closed ? AccountState.Closed
        : now >= Expires ? AccountState.Expired
        : now < Effective ? AccountState.NotYetEffective
        : AccountState.Valid;
}

/// <summary>
/// Checks names and passwords against the accounts below one entry. An unknown name costs the same work as a known one: the password
/// is compared with that of another account, and the outcome thrown away. What is wrong with an account is told only to who knows its password.
/// </summary>
public sealed class AccountVerifier(DirectoryEngine engine, string accountsDn, TimeProvider time)
{
    /// <summary>Wrong passwords after which an account that counts them is closed. Ours: such a password is carried in a file, nobody
    /// mistypes it.</summary>
    public const int MaxFailures = 5;

    /// <summary>Compared with where there is no account at all.</summary>
    private static readonly byte[] Decoy = PasswordHash.Create(RandomNumberGenerator.GetBytes(32), PasswordStrength.Random);

    private readonly SlowHashing _hashing = new(engine.MaxPasswordsWaiting);
    private readonly DistinguishedName _accounts = DistinguishedName.Parse(accountsDn);

    /// <param name="bindName">The account's DN, or its bare cn.</param>
    /// <exception cref="LdapException">The directory cannot be read, or too many passwords wait to be looked at (busy).</exception>
    public async Task<AccountCheck> VerifyAsync(string bindName, ReadOnlyMemory<byte> password, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DistinguishedName? dn = AccountName(bindName);
        var found = dn is null ? null : engine.ReadWhole(dn);
        byte[]? stored = PasswordOf(found?.Entry);
        byte[] compared = stored ?? PasswordOf(engine.ReadFirstChild(_accounts)?.Entry) ?? Decoy;
        bool equal = PasswordHash.IsSlow(compared)
            ? await _hashing.RunAsync(() => PasswordHash.Verify(password.Span, compared), cancellationToken).ConfigureAwait(false)
            : PasswordHash.Verify(password.Span, compared);

        // An empty password is an unauthenticated bind (RFC 4513 section 5.1.2), never a proof of anything.
        if (!equal || stored is null || password.Length == 0)
        {
            return new AccountCheck(AccountState.UnknownOrWrong, null);
        }

        LdapEntry account = new(found!.Value.Entry.Dn, found.Value.Visible);
        return new AccountCheck(TermsOf(account).At(time.GetUtcNow()), account) { Proof = new AccountProof(dn!, stored) };
    }

    /// <summary>The account that a client certificate is pinned for. The peer's proof that it has the key is the caller's business.</summary>
    /// <param name="certificateSha256">Of the certificate's DER.</param>
    /// <returns><see cref="AccountState.UnknownOrWrong"/> as well when several accounts claim the certificate.</returns>
    /// <exception cref="LdapException">The directory cannot be read.</exception>
    public async Task<AccountCheck> VerifyCertificateAsync(ReadOnlyMemory<byte> certificateSha256, CancellationToken cancellationToken = default)
    {
        List<string> names = [];
        SearchRequest request = new(accountsDn, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.CertificateSha256, certificateSha256), ["1.1"]);
        await foreach (LdapEntry entry in engine.As(Principal.System).SearchAsync(request, cancellationToken).ConfigureAwait(false))
        {
            names.Add(entry.Dn);
        }

        if (names is not [var only] || engine.ReadWhole(DistinguishedName.Parse(only)) is not { } found || PasswordOf(found.Entry) is not { } stored)
        {
            return new AccountCheck(AccountState.UnknownOrWrong, null);
        }

        LdapEntry account = new(found.Entry.Dn, found.Visible);
        return new AccountCheck(TermsOf(account).At(time.GetUtcNow()), account) { Proof = new AccountProof(DistinguishedName.Parse(only), stored) };
    }

    /// <summary>What became of an account since its password was shown; <see cref="AccountState.UnknownOrWrong"/> when it is gone or another one.</summary>
    /// <exception cref="LdapException">The directory cannot be read.</exception>
    /// <remarks>Asked for every operation of a session, so the entry is read anew only after a commit; the clock is asked each time.</remarks>
    public AccountState Recheck(AccountProof proof)
    {
        long commits = engine.Commits;
        AccountSighting? seen = proof.LastSeen;
        if (seen is null || seen.Commits != commits)
        {
            seen = new AccountSighting(commits, Look(proof));
            proof.LastSeen = seen;
        }

        return seen.Terms?.At(time.GetUtcNow()) ?? AccountState.UnknownOrWrong;
    }

    private AccountTerms? Look(AccountProof proof) =>
        engine.ReadWhole(proof.Dn) is { } found && PasswordOf(found.Entry) is { } stored && stored.AsSpan().SequenceEqual(proof.Stored)
            ? TermsOf(found.Entry)
            : null;

    private static AccountTerms TermsOf(LdapEntry account) => new(
        account.Find(PosternAttributes.UsedTime) is not null,
        FailuresOf(account) >= MaxFailures,
        ReadTime(account, PosternAttributes.EffectiveTime),
        ReadTime(account, PosternAttributes.ExpirationTime));

    /// <summary>Wrong passwords that were counted. A count that cannot be read closes the account.</summary>
    private static int FailuresOf(LdapEntry account) => account.FirstString(PosternAttributes.Failures) is not { } text ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int failures) ? failures
        : MaxFailures;

    /// <summary>The account of such a name, whether or not there is one; null when nothing can be called so.</summary>
    public DistinguishedName? AccountName(string bindName)
    {
        if (!bindName.Contains('=', StringComparison.Ordinal))
        {
            return bindName.Length == 0 ? null : _accounts.Child("cn", bindName);
        }

        return DistinguishedName.TryParse(bindName, out DistinguishedName dn, out _) && !dn.IsRoot && dn.Parent.Equals(_accounts) ? dn : null;
    }

    private static byte[]? PasswordOf(LdapEntry? account) => account?.Find(SchemaWords.UserPassword) is { Values.Count: > 0 } password ? password.Values[0].ToArray() : null;

    /// <summary>GeneralizedTime, RFC 4517 section 3.3.13, in the forms that Postern writes: whole seconds or a fraction, UTC.</summary>
    private static DateTimeOffset? ReadTime(LdapEntry account, string attribute)
    {
        if (account.FirstString(attribute) is not { } text)
        {
            return null;
        }

        // A time that cannot be read closes the account rather than opening it.
        return DateTimeOffset.TryParseExact(
            text, ["yyyyMMddHHmmss'Z'", "yyyyMMddHHmmss.FFFFFFF'Z'", "yyyyMMddHHmm'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset value)
            ? value
            : attribute == PosternAttributes.EffectiveTime ? DateTimeOffset.MaxValue : DateTimeOffset.MinValue;
    }
}
