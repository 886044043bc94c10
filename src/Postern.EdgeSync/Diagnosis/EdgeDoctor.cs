using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>Where an edge listens, as it can be dialled from the machine itself.</summary>
/// <param name="Tls">Edge-Cert must be what it shows.</param>
public sealed record EdgeListener(string Name, EndPoint EndPoint, bool Tls);

/// <summary>Walks everything that an edge depends on: store, disk, certificate, listeners, subscription, accounts, age of its data, clock. It
/// opens connections to itself only.</summary>
public sealed class EdgeDoctor(
    DirectoryEngine engine, EdgeSubscriptionService subscription, CredentialService credentials, EdgePaths paths, IReadOnlyList<EdgeListener> listeners, TimeProvider time)
{
    /// <summary>Of the disk of the data folder. Ours.</summary>
    private const long LowDiskBytes = 256L * 1024 * 1024;

    /// <summary>For a listener of this process to take a connection. Ours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IDirectory _directory = engine.As(Principal.System);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken = default)
    {
        List<Finding> findings = [ExamineDisk()];
        EdgeSubscription? one;
        try
        {
            one = await subscription.FindAsync(cancellationToken);
            findings.Insert(0, Finding.Good("store", "", $"{paths.DatabaseFile} is read, {engine.Commits} commits since the start"));
        }
        catch (Exception e) when (e is LdapException or DirectoryStoreException)
        {
            findings.Insert(0, Finding.Failed("store", "", FindingCodes.StoreUnreadable, e.Message));
            return findings;
        }

        X509Certificate2? certificate = ExamineCertificate(findings);
        findings.AddRange(await Task.WhenAll(listeners.Select(listener => ExamineAsync(listener, certificate, cancellationToken))));
        findings.Add(ExamineSubscription(one));
        if (one is { State: SubscriptionState.Subscribed })
        {
            findings.AddRange(await new EdgeAccountExamination(_directory, credentials, time).RunAsync(cancellationToken));
            findings.AddRange(await new EdgeDataExamination(_directory, one, time).RunAsync(cancellationToken));
            findings.Add(ExamineAddressKey());
        }

        return findings;
    }

    private Finding ExamineDisk()
    {
        long free = new DriveInfo(paths.Private).AvailableFreeSpace;
        string evidence = string.Create(CultureInfo.InvariantCulture, $"{free / (1024 * 1024)} MiB free where {paths.Private} is");
        return free < LowDiskBytes ? Finding.Warning("disk", "", FindingCodes.DiskLow, evidence) : Finding.Good("disk", "", evidence);
    }

    private X509Certificate2? ExamineCertificate(List<Finding> findings)
    {
        try
        {
            if (subscription.Certificate is { } certificate)
            {
                findings.Add(CertificateDates.Judge("", certificate, own: true, time.GetUtcNow()));
                return certificate;
            }

            findings.Add(Finding.Failed("certificate", "", FindingCodes.CertificateUnusable, $"there is none in {paths.KeysFolder}"));
        }
        catch (PrivateFileException e)
        {
            findings.Add(Finding.Failed("certificate", "", FindingCodes.CertificateUnusable, e.Message));
        }

        return null;
    }

    private static async Task<Finding> ExamineAsync(EdgeListener listener, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        if (listener is { Tls: true, EndPoint: IPEndPoint at } && certificate is not null)
        {
            LdapEndpoint endpoint = new(at.Address.ToString(), at.Port, Ldaps: true);
            EdgePath path = new(listener.Name, endpoint, at.Address.ToString(), [CertificatePin.Of(certificate)], Patience);
            bool good = await path.WalkAsync(cancellationToken);
            Finding last = path.Findings[^1];
            return good ? Finding.Good("listener", listener.Name, $"{at} answers with Edge-Cert")
                : last.Code == FindingCodes.PinMismatch ? Finding.Failed("listener", listener.Name, FindingCodes.ListenerOtherCertificate, last.Evidence)
                : Finding.Failed("listener", listener.Name, FindingCodes.ListenerSilent, last.Evidence);
        }

        try
        {
            bool isUnix = listener.EndPoint is UnixDomainSocketEndPoint;
            using Socket socket = new(listener.EndPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            await socket.ConnectAsync(listener.EndPoint, patience.Token);
            return Finding.Good("listener", listener.Name, $"{listener.EndPoint} takes connections");
        }
        catch (SocketException e)
        {
            return Finding.Failed("listener", listener.Name, FindingCodes.ListenerSilent, $"{listener.EndPoint}: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Failed("listener", listener.Name, FindingCodes.ListenerSilent, $"{listener.EndPoint}: no answer within {Patience.TotalSeconds:0} s");
        }
    }

    private Finding ExamineSubscription(EdgeSubscription? one)
    {
        DateTimeOffset now = time.GetUtcNow();
        return one switch
        {
            null => Finding.Warning("subscription", "", FindingCodes.NotSubscribed, "no hub synchronizes this edge"),
            { State: SubscriptionState.Subscribed } => Finding.Good("subscription", one.Name, string.Create(
                CultureInfo.InvariantCulture, $"subscribed by hub {one.Hub}{(one.Site is null ? "" : $" of site {one.Site}")} at {one.SubscribedTime:u}")),
            { State: SubscriptionState.Orphaned } => Finding.Failed("subscription", one.Name, FindingCodes.Orphaned, $"subscribed by hub {one.Hub}, and no hub has credentials here any more; the data stays as it was"),
            { BootstrapExpires: { } end } when end > now => Finding.Warning("subscription", one.Name, FindingCodes.FileOut, string.Create(CultureInfo.InvariantCulture, $"the file is good until {end:u}")),
            { BootstrapExpires: { } end } => Finding.Failed("subscription", one.Name, FindingCodes.BootstrapExpired, string.Create(CultureInfo.InvariantCulture, $"the file expired at {end:u}")),
            _ => Finding.Failed("subscription", one.Name, FindingCodes.BootstrapUsed, "the file was used, and no hub ever logged on with an account of its own"),
        };
    }

    private Finding ExamineAddressKey()
    {
        try
        {
            return subscription.AddressKey is not null
                ? Finding.Good("address key", "", $"{paths.AddressKeyFile} is there")
                : Finding.Failed("address key", "", FindingCodes.AddressKeyMissing, $"{paths.AddressKeyFile} is not there");
        }
        catch (Exception e) when (e is PrivateFileException or IOException or ArgumentException)
        {
            return Finding.Failed("address key", "", FindingCodes.AddressKeyMissing, e.Message);
        }
    }
}
