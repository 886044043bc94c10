using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Transport.Selection;

namespace Postern.Operations.Certificates;

/// <summary>What the organization directory says of the node's own certificate.</summary>
/// <param name="Used">SHA-256 of the one in use.</param>
/// <param name="Published">SHA-256; null: none.</param>
/// <param name="CanSeal">Whether credentials can be sealed for the one in use.</param>
public sealed record OwnPublication(string Used, string? Published, bool CanSeal);

/// <summary>
/// The daemon's look at the certificates of its node, once an hour: what ended or soon will, which connectors have none; each reported once a
/// day. The numbers of events are Exchange's where it has one (fact sheet 9.2). Also the gauge of what ends when.
/// </summary>
/// <param name="thresholds">What is soon.</param>
public sealed class CertificateLook(string node, string fqdn, CertificateChecks checks, ExpiryThresholds thresholds, TimeProvider time, ILogger<CertificateLook> log) : IDisposable
{
    public const string MeterName = "Postern.Certificates";
    public const string NotAfter = "postern.certificate.not_after";

    /// <summary>Between two looks. Ours.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly TimeSpan RepeatReport = TimeSpan.FromDays(1);

    private readonly Dictionary<string, DateTimeOffset> _reported = new(StringComparer.Ordinal);
    private readonly Meter _meter = new(MeterName);
    private IReadOnlyList<(string Node, WatchedCertificate Certificate)> _seen = [];

    /// <summary>Connectors that this node serves; null: it serves none.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<CertificateWanted>>>? Connectors { get; init; }

    /// <summary>On a hub: what the other nodes report, for the gauge.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<NodeReport>>>? Others { get; init; }

    /// <summary>On a hub: whether the organization directory has its certificate.</summary>
    public Func<CancellationToken, Task<OwnPublication>>? Publication { get; init; }

    /// <summary>For tests: there may be several of one name in a process.</summary>
    public Meter Meter => _meter;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableGauge(NotAfter, Observe, "s", "End of a certificate, of it and the issuers that are sent with it, in seconds since 1970.");
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it is: a watch that ended silently is none.
                CertificateWatchLog.LookFailed(log, e.Message, time.GetUtcNow() + Interval);
            }

            try
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Looks now.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        CertificateReport own = checks.Inventory();
        List<(string, WatchedCertificate)> seen = [.. own.Certificates.Select(one => (node, one))];
        foreach (WatchedCertificate one in own.Certificates)
        {
            Report(one, CertificateVerdict.Of(one, thresholds, time.GetUtcNow()));
        }

        await LookAtConnectorsAsync(cancellationToken);
        if (Publication is not null)
        {
            Report(await Publication(cancellationToken));
        }

        if (Others is not null)
        {
            seen.AddRange((await Others(cancellationToken)).Where(one => one.Node != node && one.Report is not null)
                .SelectMany(one => CertificateReport.TryRead(one.Report)?.Certificates.Select(certificate => (one.Node, certificate)) ?? []));
        }

        _seen = seen;
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Observe() => _seen.Where(one => one.Certificate is { EndsUtc: not null, Kind: not WatchedKind.RevocationList }).Select(one => new Measurement<long>(
        one.Certificate.EndsUtc!.Value.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("node", one.Node), new KeyValuePair<string, object?>("kind", Words.CamelCase(one.Certificate.Kind)),
        new KeyValuePair<string, object?>("services", string.Join(',', one.Certificate.Services)), new KeyValuePair<string, object?>("thumbprint", one.Certificate.Thumbprint)));

    private void Report(WatchedCertificate one, CertificateVerdict verdict)
    {
        // The node's own is reported by who changes it over (12015, 12017).
        if (verdict.Level == WatchLevel.Ok || one.Kind == WatchedKind.Node || !one.IsInUse || !IsNew($"{one.Kind} {one.Sha256 ?? one.Name} {verdict.Level}"))
        {
            return;
        }

        bool isSmtp = one.Services.Contains(MailServicesText.ToWords(MailServices.Smtp)[0]);
        string services = one.Services.Count > 0 ? string.Join(", ", one.Services) : Words.CamelCase(one.Kind);
        if (one.Kind == WatchedKind.Fault && one.Services.Count > 0)
        {
            CertificateWatchLog.CannotLoadInternalTransportCertificateFromStore(log, services, one.Name);
        }
        else if (verdict.Remaining is { } over && over < TimeSpan.Zero)
        {
            (isSmtp ? CertificateWatchLog.StartTlsCertificateExpired : (Action<ILogger, string, string, string, DateTimeOffset>)CertificateWatchLog.Expired)(log, one.Name, one.Thumbprint ?? "-", services, one.EndsUtc!.Value);
        }
        else if (verdict.Remaining is { } left && left <= verdict.Warning)
        {
            (isSmtp ? CertificateWatchLog.StartTlsCertificateExpiresSoon : (Action<ILogger, string, string, string, long>)CertificateWatchLog.ExpiresSoon)(log, one.Name, one.Thumbprint ?? "-", services, (long)left.TotalHours);
        }
        else
        {
            CertificateWatchLog.AtFault(log, one.Name, services, verdict.Text ?? Words.CamelCase(one.Status));
        }
    }

    /// <summary>Where Postern serves no certificate to SMTP at all, connectors ask for none of it: somebody else sees to that mail server.</summary>
    private async Task LookAtConnectorsAsync(CancellationToken cancellationToken)
    {
        if (Connectors is null)
        {
            return;
        }

        IReadOnlyList<SelectionCandidate> candidates = checks.Candidates();
        bool servesSmtp = candidates.Any(one => one.Services.HasFlag(MailServices.Smtp));
        ConnectorCertificateSelection selection = new(fqdn, time);
        foreach (CertificateWanted wanted in servesSmtp ? await Connectors(cancellationToken) : [])
        {
            CertificateSelection found = selection.Explain(wanted, candidates);
            if (found.Outcome == SelectionOutcome.NoneFound && IsNew($"connector {wanted.Name} {found.Wanted}"))
            {
                CertificateWatchLog.NoCertificateForConnector(log, wanted.Name ?? "", found.Wanted);
            }
        }
    }

    private void Report(OwnPublication own)
    {
        if (!own.CanSeal && IsNew("sealing"))
        {
            CertificateWatchLog.KeyNotUsable(log, own.Used);
        }

        if (own.Published is null && IsNew("published"))
        {
            CertificateWatchLog.NotPublished(log, own.Used);
        }
        else if (own.Published is { } published && published != own.Used && IsNew($"published {published}"))
        {
            CertificateWatchLog.OtherPublished(log, own.Used, published);
        }
    }

    private bool IsNew(string about)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isNew = !_reported.TryGetValue(about, out DateTimeOffset last) || now - last >= RepeatReport || now < last;
        if (isNew)
        {
            _reported[about] = now;
        }

        return isNew;
    }
}
