using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Credentials;

/// <summary>
/// On the edge (fact sheet 3.5): makes accounts of the credentials that hubs brought, which only the edge's own keys open, and removes those
/// that expired or whose credential is gone. Nobody else makes replication accounts. It talks to the edge directory and to nothing else.
/// </summary>
/// <param name="keys">The edge's certificates that credentials may be sealed for, with their keys.</param>
public sealed class CredentialService(DirectoryEngine engine, Func<IReadOnlyList<X509Certificate2>> keys, TimeProvider time, ILogger<CredentialService> log) : IDisposable
{
    /// <summary>An account takes effect so much earlier than its hub says: clocks may differ by minutes; by hours they are to be mended. Ours.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    /// <summary>Between two looks, however much is written: a look reads two entries per hub. Ours.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Credentials that are looked at; an edge has two per hub. More are a fault, or somebody's who has the subscription file. Ours.</summary>
    public const int MaxCredentials = 1000;

    /// <summary>No hub can be told to make accounts that live longer; a day for clocks.</summary>
    private static readonly TimeSpan LongestLife = CredentialTimetable.LongestLifetime + TimeSpan.FromDays(1);

    /// <summary>After a failure of the store. Ours.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    /// <summary>The longest timer; nothing hangs on it. Ours.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly IDirectory _directory = engine.As(Principal.System);
    private readonly AccountVerifier _accounts = new(engine, EdgeLayout.Accounts, time);
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Credentials that were looked into, by account: the hash of their octets and of the keys there were, and what was wrong with them.</summary>
    private readonly Dictionary<string, (string Hash, string? Fault)> _done = new(StringComparer.OrdinalIgnoreCase);

    private long _seen = -1;
    private DateTimeOffset _due = DateTimeOffset.MinValue;

    /// <summary>Credentials that cannot be installed, and why; by account.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; private set; } = new Dictionary<string, string>();

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan pause = Pause;
            long seen = engine.Commits;
            try
            {
                await LookAsync(cancellationToken);
                TimeSpan wait = _due - time.GetUtcNow();
                await WaitAsync(seen, wait < Pause ? Pause : wait > LongestWait ? LongestWait : wait, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it is: hubs cannot log on with new accounts while this stands still.
                CredentialLog.ServiceFailed(log, AfterFailure, e.Message);
                pause = AfterFailure;
            }

            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Looks now, unless nothing was written since the last look and nothing has expired.</summary>
    /// <exception cref="LdapException">The directory cannot be read or written.</exception>
    public async Task LookAsync(CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            long commits = engine.Commits;
            DateTimeOffset now = time.GetUtcNow();
            if (commits != _seen || now >= _due)
            {
                await LookAsync(now, cancellationToken);
                _seen = commits; // its own commit makes it look once more: that look finds nothing to do
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task LookAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Dictionary<string, LdapEntry> credentials = await ChildrenAsync(EdgeLayout.Credentials, Filter.Equal("objectClass", PosternClasses.Credential), cancellationToken);
        Dictionary<string, LdapEntry> accounts = await ChildrenAsync(EdgeLayout.Accounts, Filter.Equal(PosternAttributes.Role, AccountEntry.ReplicationRole), cancellationToken);
        List<IUpdateOperation> operations = [];
        Dictionary<string, string> faults = new(StringComparer.OrdinalIgnoreCase);
        DateTimeOffset due = DateTimeOffset.MaxValue;
        IReadOnlyList<X509Certificate2> own = keys();
        string ownKeys = string.Join(' ', own.Select(one => CertificatePin.Of(one)));
        foreach ((string name, LdapEntry entry) in credentials)
        {
            ReadOnlyMemory<byte> octets = entry.Find(PosternAttributes.EdgeSyncCredential)?.Values is [{ } value, ..] ? value : default;
            CredentialRecord? record = CredentialRecord.Read(octets.Span);
            if (record?.HasExpired(now) == true)
            {
                operations.Add(new DelRequest(entry.Dn));
                continue;
            }

            accounts.Remove(name, out LdapEntry? account);
            if (record?.ExpirationTime < due)
            {
                due = record.ExpirationTime.Value;
            }

            // Opening one costs a private key operation: what was wrong yesterday is wrong today, until it or the keys change.
            string hash = $"{Convert.ToHexString(SHA256.HashData(octets.Span))} {ownKeys}";
            (string Hash, string? Fault) done = _done.GetValueOrDefault(name);
            if (done.Hash != hash || (account is null && done.Fault is null))
            {
                done = _done[name] = (hash, await InstallAsync(name, record, own, entry, account, operations, cancellationToken));
            }

            if (done.Fault is { } fault)
            {
                faults[name] = fault;
            }
        }

        foreach ((string name, LdapEntry account) in accounts)
        {
            operations.Add(new DelRequest(account.Dn));
            _done.Remove(name);
            CredentialLog.Removed(log, name, credentials.ContainsKey(name) ? "it has expired" : "its hub has taken it away");
        }

        if (operations.Count > 0)
        {
            try
            {
                (await _directory.BatchAsync(operations, cancellationToken)).Result.ThrowIfFailed("install credentials");
            }
            catch
            {
                _done.Clear();
                throw;
            }
        }

        _due = due;

        foreach ((string name, string fault) in faults)
        {
            if (Faults.GetValueOrDefault(name) != fault)
            {
                CredentialLog.NotInstalled(log, name, fault);
            }
        }

        Faults = faults;
    }

    /// <returns>Why it cannot be installed; null when it can, or nothing has to be done.</returns>
    private async Task<string?> InstallAsync(
        string name, CredentialRecord? record, IReadOnlyList<X509Certificate2> own, LdapEntry entry, LdapEntry? account, List<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        if (record is not { Kind: CredentialKind.Replication, ExpirationTime: not null }
            || !string.Equals(record.UserName, name, StringComparison.OrdinalIgnoreCase)
            || !EdgeNames.TryGetHub(name, out string hub)
            || !record.IsOf(hub))
        {
            return "it is no credential of a replication account, or of another one";
        }

        if (record.ExpirationTime - record.EffectiveTime > LongestLife)
        {
            return $"it is for longer than {CredentialTimetable.LongestLifetime.TotalDays:0} days";
        }

        string password;
        try
        {
            password = record.Open(own);
        }
        catch (CryptographicException e)
        {
            return e.Message;
        }

        DateTimeOffset effective = record.EffectiveTime - ClockTolerance;
        AddRequest added = AccountEntry.ToAdd(
            record.UserName, password, AccountEntry.ReplicationRole, effective, record.ExpirationTime, entry.FirstString(PosternAttributes.CreatedBy));
        if (account is null)
        {
            operations.Add(added);
        }
        else if (!await IsSameAsync(account, added, password, cancellationToken))
        {
            operations.Add(new DelRequest(account.Dn));
            operations.Add(added);
        }
        else
        {
            return null; // the same account, sealed anew
        }

        CredentialLog.Installed(log, record.UserName, record.EffectiveTime, record.ExpirationTime);
        return null;
    }

    /// <summary>Whether it is the same account, sealed anew: then its sessions go on.</summary>
    private async Task<bool> IsSameAsync(LdapEntry account, AddRequest added, string password, CancellationToken cancellationToken) =>
        TimesOf(account).SequenceEqual(TimesOf(new LdapEntry(added.Dn, added.Attributes)))
        && (await _accounts.VerifyAsync(account.Dn, Encoding.UTF8.GetBytes(password), cancellationToken)).State != AccountState.UnknownOrWrong;

    private static string?[] TimesOf(LdapEntry account) =>
        [account.FirstString(PosternAttributes.EffectiveTime), account.FirstString(PosternAttributes.ExpirationTime)];

    private async Task<Dictionary<string, LdapEntry>> ChildrenAsync(string container, Filter filter, CancellationToken cancellationToken)
    {
        Dictionary<string, LdapEntry> entries = new(StringComparer.OrdinalIgnoreCase);
        await foreach (LdapEntry entry in _directory.SearchAsync(new SearchRequest(container, SearchScope.SingleLevel, filter, ["*"]), cancellationToken))
        {
            // What an entry is called, not what it says of itself: cn may have several values.
            entries[DistinguishedName.Parse(entry.Dn).Rdn.Parts[0].Value] = entry;
            if (entries.Count == MaxCredentials)
            {
                CredentialLog.TooMany(log, container, MaxCredentials);
                break;
            }
        }

        return entries;
    }

    private async Task WaitAsync(long seen, TimeSpan wait, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(wait, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await engine.WaitForCommitAsync(seen, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Something expires now.
        }
    }
}
