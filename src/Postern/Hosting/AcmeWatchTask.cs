using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Operations;
using Postern.Operations.Certificates;
using Postern.Transport.Services;

namespace Postern.Hosting;

/// <summary>A daemon that is root takes in by itself what ACME clients renew; any other one leaves that to `postern certificate watch run`.</summary>
internal sealed partial class AcmeWatchTask(string dataFolder, CertificateOperations own, TimeProvider time, ILogger logger)
{
    /// <summary>What could not be bound: reloading services each minute would hurt them. Ours.</summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromHours(1);

    private readonly CertificatePlace _place = CertificatePlace.Of(dataFolder);
    private string? _failedWith;
    private DateTimeOffset _failedAt;
    private bool _isLeftToOthers;

    /// <summary>Between two looks. A renewal has weeks. Ours.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether this process may write the configuration of services and reload them.</summary>
    public bool MayBind { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>As of <see cref="CertificateServices"/>.</summary>
    public Func<X509Certificate2, X509Certificate2, CancellationToken, Task<IReadOnlyList<string>>>? Follow { get; init; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is OperationException or IOException or UnauthorizedAccessException || Failures.From(e) is not null)
            {
                Failed(_place.Root, e.Message);
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        WatchedFolders folders = new(_place.Open(time));
        if (folders.All() is not { Count: > 0 } watched)
        {
            return;
        }

        if (!MayBind)
        {
            if (!_isLeftToOthers)
            {
                LeftToOthers(logger, string.Join(", ", watched), _place.Root);
                _isLeftToOthers = true;
            }

            return;
        }

        ServiceBinder binder = ServiceBinder.ForMachine(_place.Root, time, logger);
        AcmeWatch watch = new(_place, new CertificateServices(_place, binder, AnnounceAsync, time) { Follow = Follow }, time);
        if (!watch.IsSomethingNew() || (_failedWith == watch.Signature() && time.GetUtcNow() - _failedAt < AfterFailure))
        {
            return;
        }

        WatchRun run = await watch.RunAsync(cancellationToken);
        foreach (WatchedRenewal one in run.Renewals)
        {
            switch (one.State)
            {
                case "takenOver":
                    TakenOver(logger, one.Lineage, one.Thumbprint!, string.Join(", ", one.Bound!.Services));
                    foreach (string connector in one.Bound.Connectors)
                    {
                        Followed(logger, connector);
                    }

                    break;
                case "takenIn":
                    TakenIn(logger, one.Lineage, one.Thumbprint!);
                    break;
                case "failed":
                    Failed(one.Lineage, one.Reason!);
                    break;
                default:
                    break;
            }
        }

        (_failedWith, _failedAt) = run.IsFailed ? (watch.Signature(), time.GetUtcNow()) : (null, default);
    }

    private async Task<string> AnnounceAsync(string pem, CancellationToken cancellationToken) =>
        (await own.RenewAsync(new ReplaceCertificate(CertificateOperations.InternalTransport, null, pem), cancellationToken)).Name;

    private void Failed(string what, string reason) => NotTaken(logger, what, reason);

    [LoggerMessage(4020, LogLevel.Information, "certificates: {Lineage} was renewed; {Thumbprint} has taken over {Services}")]
    private static partial void TakenOver(ILogger logger, string lineage, string thumbprint, string services);

    [LoggerMessage(4021, LogLevel.Information, "certificates: {Lineage} is in the store now, {Thumbprint}; it is bound to nothing yet")]
    private static partial void TakenIn(ILogger logger, string lineage, string thumbprint);

    [LoggerMessage(4024, LogLevel.Information, "certificates: {Connector}")]
    private static partial void Followed(ILogger logger, string connector);

    [LoggerMessage(4022, LogLevel.Error, "certificates: what {Lineage} has is not taken over, and the one before goes on: {Reason}")]
    private static partial void NotTaken(ILogger logger, string lineage, string reason);

    [LoggerMessage(4023, LogLevel.Warning, "certificates: {Folders} are watched, but this daemon is not root and cannot bind what is renewed; have a timer run 'postern certificate watch run --once --data {Data}' as root")]
    private static partial void LeftToOthers(ILogger logger, string folders, string data);
}
