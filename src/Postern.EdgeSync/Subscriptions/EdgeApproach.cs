using Postern.Certificates;
using Postern.EdgeSync.Diagnosis;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>The way to an edge, walked before anything is changed for it: name, port, TLS, pin, clock. Each step is reported when it is taken.</summary>
internal sealed class EdgeApproach(HubSubscription edge, IProgress<Finding>? steps, TimeProvider time)
{
    /// <summary>For each step. Somebody waits for it. Ours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <param name="verb">The command that is being carried out, with what stands before its options.</param>
    /// <exception cref="SubscriptionException">A step failed: which, why, what was seen and what mends it.</exception>
    public async Task WalkAsync(string verb, CancellationToken cancellationToken)
    {
        LdapEndpoint endpoint = LdapEndpoint.Parse($"ldaps://{edge.EdgeAddress}");
        CertificatePin[] pins = [.. edge.Pins.All.Select(der => CertificatePin.Of(der.Span))];
        EdgePath path = new(edge.Name, endpoint, edge.EdgeFqdn, pins, Patience);
        bool reached = await path.WalkAsync(cancellationToken);
        foreach (Finding step in path.Findings)
        {
            steps?.Report(step);
        }

        if (!reached)
        {
            Finding fault = path.Findings[^1];
            throw new SubscriptionException(
                $"edge {edge.Name} at {edge.EdgeAddress}, {fault.Check}: {fault.Cause} ({fault.Evidence})",
                fault.Mend.Replace($"subscription set {edge.Name}", verb, StringComparison.Ordinal));
        }

        steps?.Report(await CompareClocksAsync(endpoint, pins, cancellationToken));
    }

    public void Report(string check, string evidence) => steps?.Report(Finding.Good(check, edge.Name, evidence));

    /// <summary>Clocks that are apart end no import: what they break says so itself.</summary>
    private async Task<Finding> CompareClocksAsync(LdapEndpoint endpoint, CertificatePin[] pins, CancellationToken cancellationToken)
    {
        try
        {
            await using LdapConnection stranger = await LdapConnection.ConnectAsync(
                new LdapClientOptions { Endpoint = endpoint, TlsName = edge.EdgeFqdn, Trust = new LdapTrust.Pin([.. pins.Select(pin => pin.Sha256)]), Time = time }, cancellationToken);
            return await ClockComparison.ReadAsync(stranger, time, cancellationToken) is { } skew
                ? ClockComparison.Judge(edge.Name, skew)
                : Finding.Skipped("clock", edge.Name, "the edge does not tell its time: an older version");
        }
        catch (Exception e) when (e is LdapConnectionException or LdapException)
        {
            return Finding.Skipped("clock", edge.Name, e.Message);
        }
    }
}
