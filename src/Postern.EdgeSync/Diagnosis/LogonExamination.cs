using System.Globalization;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>What a hub logs on to an edge with, and whether it works. Unlike a cycle it mends nothing: what is wrong stays to be seen.</summary>
internal sealed class LogonExamination(HubSubscription edge, HubSubscriptions subscriptions, TimeProvider time)
{
    private readonly List<Finding> _findings = [];

    public IReadOnlyList<Finding> Findings => _findings;

    /// <param name="skew">How far the edge's clock is ahead of ours; null: not known.</param>
    /// <returns>Whether the connection is logged on as a replication account.</returns>
    /// <exception cref="LdapException">The organization directory, or the edge, cannot be read.</exception>
    public async Task<bool> RunAsync(LdapConnection connection, TimeSpan? skew, CancellationToken cancellationToken)
    {
        if (subscriptions.Barred is { } why)
        {
            Add(Finding.Failed("credential", edge.Name, FindingCodes.HubBarred, why));
            return false;
        }

        HubCredentials credentials = subscriptions.Credentials;
        EdgeSecrets secrets = await credentials.ReadAsync(edge.Name, cancellationToken);
        HubServer? self = await credentials.Servers.FindAsync(credentials.Hub.Name, cancellationToken);
        int records = self?.Credentials.Count(one => one.Record?.IsFor(edge.Name) == true) ?? 0;
        if (!JudgeSecrets(secrets, records, credentials.Timetable))
        {
            return false;
        }

        return await LogOnAsync(connection, secrets, skew, cancellationToken);
    }

    private bool JudgeSecrets(EdgeSecrets secrets, int records, CredentialTimetable timetable)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (secrets.Accounts.Count == 0)
        {
            Add(records > 0
                ? Finding.Failed("credential", edge.Name, FindingCodes.CredentialUnreadable, string.Create(CultureInfo.InvariantCulture, $"none of {records} records is sealed for a certificate of this hub"))
                : Finding.Failed("credential", edge.Name, FindingCodes.NoCredential, "there is no record for this edge on this hub's entry"));
            return false;
        }

        string evidence = string.Join("; ", secrets.Accounts.Select(account => string.Create(CultureInfo.InvariantCulture, $"{account.UserName} from {account.Effective:u} to {account.Expires:u}")));
        AccountSecret newest = secrets.Accounts[0];
        if (secrets.AddressKey is null)
        {
            Add(Finding.Failed("credential", edge.Name, FindingCodes.NoCredential, $"{evidence}; the address key is not sealed for this hub yet"));
        }
        else if (newest.Expires - timetable.EffectiveBefore < now)
        {
            Add(Finding.Warning("credential", edge.Name, FindingCodes.RenewalFailed, evidence));
        }
        else
        {
            Add(Finding.Good("credential", edge.Name, evidence));
        }

        return true;
    }

    /// <summary>The newest account that should be in effect, then the others, as a session does.</summary>
    private async Task<bool> LogOnAsync(LdapConnection connection, EdgeSecrets secrets, TimeSpan? skew, CancellationToken cancellationToken)
    {
        LdapException? first = null;
        foreach (AccountSecret account in secrets.Accounts.OrderByDescending(one => one.IsValid(time.GetUtcNow())))
        {
            try
            {
                await connection.BindAsync(AccountEntry.Dn(account.UserName), account.Password, cancellationToken);
                Add(first is not null && account.IsValid(time.GetUtcNow())
                    ? Finding.Warning("logon", edge.Name, FindingCodes.NextCredentialRefused, $"{first.Message}; {account.UserName} works")
                    : Finding.Good("logon", edge.Name, $"{account.UserName} works"));
                return true;
            }
            catch (LdapException e) when (e.Code is LdapResultCode.InvalidCredentials or LdapResultCode.Busy)
            {
                first ??= e;
            }
        }

        if (secrets.Bootstrap is { } file)
        {
            // Not tried: it works once, and that is for the hub's session.
            Add(file.IsValid(time.GetUtcNow())
                ? Finding.Warning("logon", edge.Name, FindingCodes.PairingUnfinished, string.Create(CultureInfo.InvariantCulture, $"the file is good until {file.Expires:u}"))
                : Finding.Failed("logon", edge.Name, FindingCodes.BootstrapExpired, string.Create(CultureInfo.InvariantCulture, $"the file expired at {file.Expires:u}")));
            return false;
        }

        bool heals = await IsKnownAsync(connection, cancellationToken);
        FindingCode code = LogonDiagnosis.Explain(first!, skew)!;
        Add(heals
            ? Finding.Warning("logon", edge.Name, code, $"{first!.Message}; the edge knows this hub's certificate, so the next cycle puts the account there anew")
            : Finding.Failed("logon", edge.Name, code, $"{first!.Message}; the edge does not know this hub's certificate either"));
        return false;
    }

    private static async Task<bool> IsKnownAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.BindExternalAsync(cancellationToken);
            return true;
        }
        catch (LdapException)
        {
            return false;
        }
    }

    private void Add(Finding finding) => _findings.Add(finding);
}
