using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Rotation;

/// <summary>A node, and what it says of its certificates.</summary>
/// <param name="Report">Octets; null: nothing yet.</param>
public sealed record ReportingNode(string Name, bool IsEdge, ReadOnlyMemory<byte>? Report);

/// <summary>
/// How each node's report of its certificates reaches the hubs. An edge writes it to its own entry (cn=subscription,o=edge), where only the
/// edge writes; hubs read it in the sessions in which they read its announcements, and keep it with the subscription. A hub writes its own to
/// its entry. Nothing depends on it but the watch: what fails here is logged once a day and stops nothing.
/// </summary>
/// <param name="directory">Where this node's own report goes: the edge directory, or the organization directory.</param>
/// <param name="dn">Its own entry.</param>
/// <param name="take">Makes the report.</param>
public sealed class CertificateReporting(IDirectory directory, string dn, Func<CertificateReport> take, TimeProvider time, ILogger<CertificateReporting> log)
{
    /// <summary>Between two looks at the files of the node. Ours.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>One that says the same is written again after so long: who reads it knows that the node is there. Ours.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromHours(6);

    private static readonly TimeSpan RepeatReport = TimeSpan.FromDays(1);

    private DateTimeOffset? _last;
    private DateTimeOffset? _complained;

    public static CertificateReporting OfEdge(IDirectory directory, Func<CertificateReport> take, TimeProvider time, ILoggerFactory log) =>
        new(directory, EdgeLayout.Subscription, take, time, log.CreateLogger<CertificateReporting>());

    public static CertificateReporting OfHub(IDirectory organization, string name, Func<CertificateReport> take, TimeProvider time, ILoggerFactory log) =>
        new(organization, HubServers.DnOf(name), take, time, log.CreateLogger<CertificateReporting>());

    /// <summary>Writes this node's own, if it is time and there is news.</summary>
    internal Task PublishAsync(CancellationToken cancellationToken) => QuietlyAsync(async () =>
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now - _last < Interval && now >= _last || await ReadAsync(directory, dn, cancellationToken) is not (true, var before))
        {
            return;
        }

        _last = now;
        await StoreAsync(directory, dn, before, take().Write(), cancellationToken);
    });

    /// <summary>In a session with an edge: keeps what it says with its subscription.</summary>
    internal Task CarryAsync(IDirectory edge, string name, CancellationToken cancellationToken) => QuietlyAsync(async () =>
    {
        string subscription = HubSubscriptionEntry.Dn(name);
        if (await ReadAsync(edge, EdgeLayout.Subscription, cancellationToken) is (true, { } said) && await ReadAsync(directory, subscription, cancellationToken) is (true, var before))
        {
            await StoreAsync(directory, subscription, before, said, cancellationToken);
        }
    });

    /// <summary>All nodes of the organization, with what they last said. Hub only.</summary>
    /// <exception cref="LdapException">The directory cannot be read to its end.</exception>
    public async Task<IReadOnlyList<ReportingNode>> ListAsync(CancellationToken cancellationToken)
    {
        List<ReportingNode> nodes = [];
        (string Base, Filter Filter, bool IsEdge)[] places =
        [
            (ConfigurationClasses.Server.OrganizationDn, new PresentFilter(PosternAttributes.ServerPublicKey), false),
            (OrganizationLayout.Subscriptions, Filter.Equal("objectClass", PosternClasses.Subscription), true),
        ];
        foreach ((string place, Filter filter, bool isEdge) in places)
        {
            await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(place, SearchScope.SingleLevel, filter, ["cn", PosternAttributes.CertificateReport]), cancellationToken))
            {
                ReadOnlyMemory<byte> report = EdgeAnnouncements.Value(entry, PosternAttributes.CertificateReport);
                nodes.Add(new ReportingNode(entry.FirstString("cn") ?? entry.Dn, isEdge, report.IsEmpty ? default(ReadOnlyMemory<byte>?) : report));
            }
        }

        return nodes;
    }

    private static async Task StoreAsync(IDirectory into, string dn, byte[]? before, byte[] octets, CancellationToken cancellationToken)
    {
        // What is no report is not stored: it would only stand in the way of a good one.
        if (CertificateReport.TryRead(octets) is not { } report
            || (before is not null && CertificateReport.TryRead(before) is { } known && report.TakenUtc - known.TakenUtc < Refresh && (report.TakenUtc <= known.TakenUtc || report.SaysAsMuchAs(known))))
        {
            return;
        }

        LdapResult result = await into.ModifyAsync(
            new ModifyRequest(dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.CertificateReport, octets))), cancellationToken);
        if (result.Code != LdapResultCode.NoSuchObject)
        {
            result.ThrowIfFailed($"store the report of certificates in {dn}");
        }
    }

    /// <returns>Whether there is the entry, and what stands there.</returns>
    private static async Task<(bool IsThere, byte[]? Report)> ReadAsync(IDirectory from, string dn, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in from.SearchAsync(SearchRequest.ReadEntry(dn, PosternAttributes.CertificateReport), cancellationToken))
            {
                ReadOnlyMemory<byte> report = EdgeAnnouncements.Value(entry, PosternAttributes.CertificateReport);
                return (true, report.IsEmpty ? null : report.ToArray());
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return (false, null);
    }

    private async Task QuietlyAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is LdapException or IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_complained is null || now - _complained >= RepeatReport)
            {
                _complained = now;
                CertificateLog.NoReport(log, dn, e.Message);
            }
        }
    }
}
