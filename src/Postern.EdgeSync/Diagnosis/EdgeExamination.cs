using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>One edge as a hub sees it: clock, name, port, TLS, pin, dates, logon, and then what the session shows. A step that fails ends the
/// walk, since what comes after it could only fail too.</summary>
internal sealed class EdgeExamination(HubSubscription edge, HubSubscriptions subscriptions, Func<LdapConnection, CancellationToken, Task<IReadOnlyList<Finding>>> session, TimeSpan patience, TimeProvider time)
{
    private static readonly string[] Path = ["dns", "tcp", "tls", "pin"];

    private readonly List<Finding> _findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<CertificatePin> pins = [.. edge.Pins.All.Select(pin => CertificatePin.Of(pin.Span))];
        LdapEndpoint endpoint = LdapEndpoint.Parse($"ldaps://{edge.EdgeAddress}");
        EdgePath path = new(edge.Name, endpoint, edge.EdgeFqdn, pins, patience);
        bool reached = await path.WalkAsync(cancellationToken);
        _findings.AddRange(path.Findings);
        JudgePinned();
        if (!reached)
        {
            Skip([.. Path.Skip(path.Findings.Count), "clock", "credential", "logon", .. SessionExamination.Checks]);
            return _findings;
        }

        await ConverseAsync(endpoint, pins, cancellationToken);
        return _findings;
    }

    private void JudgePinned()
    {
        using X509Certificate2 pinned = X509CertificateLoader.LoadCertificate(edge.CertificateDer.Span);
        _findings.Add(CertificateDates.Judge(edge.Name, pinned, own: false, time.GetUtcNow()));
    }

    /// <summary>Before the logon: whoever is far off in time may be refused for that alone.</summary>
    private async Task<TimeSpan?> CompareClocksAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        TimeSpan? found = await ClockComparison.ReadAsync(connection, time, cancellationToken);
        _findings.Add(found is { } skew ? ClockComparison.Judge(edge.Name, skew) : Finding.Skipped("clock", edge.Name, "the edge does not tell its time: an older version"));
        return found;
    }

    private async Task ConverseAsync(LdapEndpoint endpoint, IReadOnlyList<CertificatePin> pins, CancellationToken cancellationToken)
    {
        LogonExamination logon = new(edge, subscriptions, time);
        TimeSpan? skew = null;
        try
        {
            await using LdapConnection connection = await LdapConnection.ConnectAsync(
                new LdapClientOptions
                {
                    Endpoint = endpoint,
                    TlsName = edge.EdgeFqdn,
                    Trust = new LdapTrust.Pin([.. pins.Select(pin => pin.Sha256)]),
                    ClientCertificate = subscriptions.Credentials.Hub.Certificate,
                    MaxSearchEntries = subscriptions.MostEdgeEntries,
                    Time = time,
                },
                cancellationToken);
            skew = await CompareClocksAsync(connection, cancellationToken);
            bool loggedOn = await logon.RunAsync(connection, skew, cancellationToken);
            _findings.AddRange(logon.Findings);
            if (!loggedOn)
            {
                Skip(SessionExamination.Checks);
                return;
            }

            _findings.AddRange(await session(connection, cancellationToken));
        }
        catch (Exception e) when (LogonDiagnosis.Explain(e, skew) is { } code)
        {
            _findings.Add(Finding.Failed("session", edge.Name, code, e.Message));
        }
    }

    private void Skip(IEnumerable<string> checks)
    {
        string because = $"not looked at: {_findings.FindLast(one => one.State == FindingState.Failed)?.Check} failed";
        _findings.AddRange(checks.Select(check => Finding.Skipped(check, edge.Name, because)));
    }
}
