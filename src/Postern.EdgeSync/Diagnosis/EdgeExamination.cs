using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>One edge as a hub sees it: clock, name, port, TLS, pin, dates, logon, and then what the session shows. A step that fails ends the
/// walk, since what comes after it could only fail too.</summary>
internal sealed class EdgeExamination(HubSubscription edge, HubSubscriptions subscriptions, Func<LdapConnection, CancellationToken, Task<IReadOnlyList<Finding>>> session, TimeSpan patience, TimeProvider time)
{
    private static readonly string[] Path = ["dns", "tcp", "tls", "pin"];

    private readonly List<Finding> _findings = [];
    private TimeSpan? _skew;

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<CertificatePin> pins = [CertificatePin.Of(edge.CertificateDer.Span)];
        LdapEndpoint endpoint = LdapEndpoint.Parse($"ldaps://{edge.EdgeAddress}");
        EdgePath path = new(edge.Name, endpoint, edge.EdgeFqdn, pins, patience);
        bool reached = await path.WalkAsync(cancellationToken);
        _findings.AddRange(path.Findings);
        JudgePinned();
        if (!reached)
        {
            Skip([.. Path.Skip(path.Findings.Count), "clock", "logon", .. SessionExamination.Checks]);
            return _findings;
        }

        await CompareClocksAsync(endpoint, pins, cancellationToken);
        await LogOnAsync(cancellationToken);
        return _findings;
    }

    private void JudgePinned()
    {
        using X509Certificate2 pinned = X509CertificateLoader.LoadCertificate(edge.CertificateDer.Span);
        _findings.Add(CertificateDates.Judge(edge.Name, pinned, own: false, time.GetUtcNow()));
    }

    /// <summary>Before the logon: whoever is far off in time may be refused for that alone.</summary>
    private async Task CompareClocksAsync(LdapEndpoint endpoint, IReadOnlyList<CertificatePin> pins, CancellationToken cancellationToken)
    {
        try
        {
            await using LdapConnection stranger = await LdapConnection.ConnectAsync(
                new LdapClientOptions { Endpoint = endpoint, TlsName = edge.EdgeFqdn, Trust = new LdapTrust.Pin([.. pins.Select(pin => pin.Sha256)]), Time = time },
                cancellationToken);
            _skew = await ClockComparison.ReadAsync(stranger, time, cancellationToken);
            _findings.Add(_skew is { } skew ? ClockComparison.Judge(edge.Name, skew) : Finding.Skipped("clock", edge.Name, "the edge does not tell its time: an older version"));
        }
        catch (Exception e) when (e is LdapConnectionException or LdapException)
        {
            _findings.Add(Finding.Skipped("clock", edge.Name, e.Message));
        }
    }

    private async Task LogOnAsync(CancellationToken cancellationToken)
    {
        bool loggedOn = false;
        try
        {
            await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
            string who = await connection.WhoAmIAsync(cancellationToken);
            _findings.Add(Finding.Good("logon", edge.Name, string.Create(CultureInfo.InvariantCulture, $"logged on as {who}")));
            loggedOn = true;
            _findings.AddRange(await session(connection, cancellationToken));
        }
        catch (Exception e) when (LogonDiagnosis.Explain(e, _skew) is { } code)
        {
            _findings.Add(Finding.Failed(loggedOn ? "session" : "logon", edge.Name, code, e.Message));
            if (!loggedOn)
            {
                Skip(SessionExamination.Checks);
            }
        }
    }

    private void Skip(IEnumerable<string> checks)
    {
        string because = $"not looked at: {_findings.FindLast(one => one.State == FindingState.Failed)?.Check} failed";
        _findings.AddRange(checks.Select(check => Finding.Skipped(check, edge.Name, because)));
    }
}
