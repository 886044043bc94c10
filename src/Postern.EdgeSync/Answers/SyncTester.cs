using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Answers;

/// <summary>Test-EdgeSynchronization (fact sheet 4.6): is the edge what the sources say? Takes no lease and changes nothing; a cycle may run meanwhile, and
/// what it just sends may then be listed.</summary>
public sealed class SyncTester(HubSubscriptions subscriptions, HubSynchronizer synchronizer, SyncStatusReader status, RecipientExplainer explainer, TimeProvider time)
{
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    /// <exception cref="FormatException">The recipient asked for is no SMTP address.</exception>
    public async Task<IReadOnlyList<SyncTestResult>> TestAsync(SyncTestStart start, CancellationToken cancellationToken = default)
    {
        List<SyncTestResult> results = [];
        string? recipient = null;
        if (start.Recipient is { } written && !MailAddress.TryNormalize(written, out recipient, out string? error))
        {
            throw new FormatException(error);
        }

        // One after the other: each reads the sources and holds ids and digests of an edge.
        foreach (HubSubscription edge in await subscriptions.SelectAsync(start.EdgeName, cancellationToken))
        {
            results.Add(await TestAsync(edge, start, recipient, cancellationToken));
        }

        return results;
    }

    private async Task<SyncTestResult> TestAsync(HubSubscription edge, SyncTestStart start, string? recipient, CancellationToken cancellationToken)
    {
        IReadOnlyList<SyncStatusReport> reports = await status.ReadAsync(edge.Name, cancellationToken);
        SyncStatusReport recipients = reports.First(report => report.Type == SyncType.Recipients);
        SyncTestResult result = new(edge.Name, SyncVerdict.Failed, time.GetUtcNow(), recipients.Failure)
        {
            LeaseHolder = recipients.LeaseHolder,
            LeaseType = recipients.LeaseType,
            LeaseExpiryUtc = recipients.LeaseExpiryUtc,
            LastSynchronizedUtc = recipients.LastSynchronizedUtc,
            CookieRecords = reports.Sum(report => report.Sources.Count(source => source.CookieTakenAt is not null)),
        };
        if (recipients.Failure.Length > 0)
        {
            return result;
        }

        try
        {
            await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
            if (recipient is not null)
            {
                EdgeState state = await SyncStateEntry.ReadAsync(connection, EdgeLayout.RecipientsState, cancellationToken);
                return RecipientComparison.Of(await explainer.ExplainAsync(recipient, start.Recipient!, edge.Name, cancellationToken), state).ToResult(result, start.MaxReportSize);
            }

            foreach (SyncType type in Enum.GetValues<SyncType>())
            {
                SyncContent content = await synchronizer.ContentOfAsync(type, edge, cancellationToken);
                result = type == SyncType.Recipients && start.ExcludeRecipients
                    ? Add(result, content, PartStatus.Skipped)
                    : start.Full
                        ? await CompareAsync(result, connection, content, start.MaxReportSize, cancellationToken)
                        : await LookAtCookiesAsync(result, connection, content, cancellationToken);
            }
        }
        catch (Exception e) when (e is LdapConnectionException or LdapException or SubscriptionException)
        {
            return result with { FailureDetail = SyncFailures.Explain(e, edge.Name, connected: true, cancellationToken).Details };
        }

        return result with
        {
            SyncStatus = result.Parts.Any(part => part.Status == PartStatus.NotSynchronized) ? SyncVerdict.Failed
                : result.Parts.Any(part => part.Status == PartStatus.Unknown) ? SyncVerdict.Inconclusive
                : SyncVerdict.Normal,
        };
    }

    private static async Task<SyncTestResult> CompareAsync(SyncTestResult result, IDirectory edge, SyncContent content, int maxReport, CancellationToken cancellationToken)
    {
        EdgeState state = await SyncStateEntry.ReadAsync(edge, content.StateDn, cancellationToken);
        ContentComparison comparison = new(edge, content, Math.Max(0, maxReport - result.OutOfSync.Count));
        await comparison.RunAsync(state, cancellationToken);
        return result with
        {
            Parts = [.. result.Parts, .. comparison.Parts],
            OutOfSync = [.. result.OutOfSync, .. comparison.List],
            OutOfSyncCount = result.OutOfSyncCount + comparison.Total,
            FailureDetail = Join(result.FailureDetail, comparison.Failure),
        };
    }

    /// <summary>What the sources say has changed since the cookies of the edge. A source without a feed cannot say: then only when it was last read.</summary>
    private static async Task<SyncTestResult> LookAtCookiesAsync(SyncTestResult result, IDirectory edge, SyncContent content, CancellationToken cancellationToken)
    {
        EdgeState state = await SyncStateEntry.ReadAsync(edge, content.StateDn, cancellationToken);
        long pending = 0;
        bool unknown = !state.Exists || state.Document.WholeBecause is not null;
        string failure = "";
        foreach (SyncSource source in content.Sources)
        {
            SourceState? known = state.Document.Sources.FirstOrDefault(one => one.Name == source.Name && one.Fingerprint == source.Fingerprint);
            try
            {
                await using ISourceReading reading = await source.Source.OpenAsync(known?.Cookie is { } cookie ? new SourceCookie(cookie) : null, cancellationToken);
                if (reading.IsWhole)
                {
                    unknown = true;
                    continue;
                }

                await foreach (SourceChange _ in reading.ReadAsync(cancellationToken))
                {
                    pending++;
                }
            }
            catch (SourceException e)
            {
                unknown = true;
                failure = Join(failure, $"{e.Message}. {e.Hint}");
            }
        }

        if (pending > 0)
        {
            failure = Join(failure, $"the sources have {pending} changes of {content.What} that were not synchronized yet");
        }
        else if (unknown && failure.Length == 0)
        {
            failure = $"whether the {content.What} are in step only a comparison can tell: use --full";
        }

        return Add(result with { FailureDetail = Join(result.FailureDetail, failure) }, content, pending > 0 ? PartStatus.NotSynchronized : unknown ? PartStatus.Unknown : PartStatus.Synchronized);
    }

    private static SyncTestResult Add(SyncTestResult result, SyncContent content, PartStatus partStatus) =>
        result with { Parts = [.. result.Parts, new PartComparison(content.What, partStatus, 0, 0, 0, 0, 0)] };

    private static string Join(string one, string other) => one.Length == 0 ? other : other.Length == 0 ? one : $"{one}; {other}";
}
