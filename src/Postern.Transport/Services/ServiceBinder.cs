using Microsoft.Extensions.Logging;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>Brings what the store says to the programs: written, validated, reloaded, and seen by a client. All of them, or none.</summary>
/// <param name="drivers">In the order in which they are served.</param>
public sealed class ServiceBinder(IReadOnlyList<IServiceDriver> drivers, ServiceSettings settings, TimeProvider time, ILogger log)
{
    private readonly ServiceProber _prober = new(time, TimeSpan.FromSeconds(settings.PatienceSeconds));

    public ServiceSettings Settings => settings;

    /// <summary>Those of this machine.</summary>
    /// <exception cref="ServiceException">services.json cannot be read; or this is root, and the data folder is not root's alone.</exception>
    public static ServiceBinder ForMachine(string dataFolder, TimeProvider time, ILogger log)
    {
        if (OwnGround.FirstForeign(dataFolder) is { } foreign)
        {
            throw new ServiceException("foreignFolder", $"root binds certificates from folders that only root can change; {foreign} can be changed by others, who would become root by it",
                "give the services of this machine a data folder of their own, e.g. --data /var/lib/postern-services; for the daemon's own https, ldaps and edgesync run the command as the user who runs the daemon");
        }

        ServiceSettings settings = ServiceSettingsFile.Read(dataFolder);
        string files = Path.Combine(Path.GetFullPath(dataFolder), "services");
        return new ServiceBinder(
            [
                new PostfixDriver(Path.Combine(files, "postfix"), settings, time), new DovecotDriver(Path.Combine(files, "dovecot"), settings, time),
                new NginxDriver(Path.Combine(files, "nginx"), settings, time), new HttpsDriver(Path.Combine(files, "https"), settings),
            ],
            settings, time, log);
    }

    /// <summary>Which certificate serves what, with this content of the store.</summary>
    public BindingPlan Plan(IEnumerable<StoredCertificate> store) => BindingPlan.Of(store, settings, time.GetUtcNow());

    /// <param name="store">All of it, as it is to be: it may not be on disk yet.</param>
    /// <param name="touched">Services whose binding changes; programs that have none of them are left alone.</param>
    /// <returns>Also when it failed: what was done, and what was put back.</returns>
    public async Task<BindingOutcome> ApplyAsync(IEnumerable<StoredCertificate> store, MailServices touched, CancellationToken cancellationToken)
    {
        BindingPlan plan = Plan(store);
        List<Work> works = [];
        try
        {
            foreach (IServiceDriver driver in drivers.Where(one => (one.Services & touched) != MailServices.None))
            {
                Work work = new(driver);
                works.Add(work);
                try
                {
                    await ApplyAsync(work, plan, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (Failure(e, driver) is { } failure)
                {
                    log.NotServed(driver.Name, failure.Message);
                    work.Steps.Add(failure.Message);
                    await RollBackAsync(works).ConfigureAwait(false);
                    return Outcome(works, plan, failure);
                }
            }

            foreach (Work work in works)
            {
                await FinishAsync(work).ConfigureAwait(false);
            }

            return Outcome(works, plan, null);
        }
        catch
        {
            // Cancelled, or something that nobody foresaw: it must not leave half of a change.
            await RollBackAsync(works).ConfigureAwait(false);
            throw;
        }
        finally
        {
            foreach (Work work in works)
            {
                work.Change?.Dispose();
            }
        }
    }

    private static BindingOutcome Outcome(IEnumerable<Work> works, BindingPlan plan, ServiceException? failure) =>
        new([.. works.Select(one => new ServiceOutcome(one.Driver.Name, one.State, one.Steps))], failure) { Notes = plan.Notes };

    private static ServiceException? Failure(Exception e, IServiceDriver driver) => e switch
    {
        ServiceException service => service,
        CertificateStoreException store => new ServiceException("files", store.Message, store.Hint, store),
        UnauthorizedAccessException => new ServiceException("notRoot", $"{driver.Name}: {e.Message}", "run the command as root: the configuration of the service is root's", e),
        IOException or PrivateFileException => new ServiceException("files", $"{driver.Name}: {e.Message}", "check the paths, their permissions and the free space", e),
        _ => null,
    };

    /// <summary>Everything is served: what cannot be deleted is said, and tried again the next time.</summary>
    private static async Task FinishAsync(Work work)
    {
        try
        {
            work.Steps.AddRange(work.Change is { } change ? await change.FinishAsync(CancellationToken.None).ConfigureAwait(false) : []);
        }
        catch (Exception e) when (Failure(e, work.Driver) is { } failure)
        {
            work.Steps.Add($"what is used no more could not be deleted: {failure.Message}. Run the command again");
        }
    }

    private async Task ApplyAsync(Work work, BindingPlan plan, CancellationToken cancellationToken)
    {
        if (work.Driver.WhyAbsent() is { } absent)
        {
            work.State = ServiceState.Absent;
            work.Steps.Add(absent);
            return;
        }

        IReadOnlyList<ServiceProbe> probes = work.Driver.Probes(plan);
        work.Before = await ServiceProber.LookAroundAsync(probes.Count > 0 ? probes : work.Driver.Ports, cancellationToken).ConfigureAwait(false);
        work.Change = await work.Driver.WriteAsync(plan, cancellationToken).ConfigureAwait(false);
        work.Steps.AddRange(work.Change.Notes);
        if (!work.Change.IsChange && (probes.Count == 0 || await ServiceProber.IsServedAsync(probes, cancellationToken).ConfigureAwait(false)))
        {
            work.Steps.Add(probes.Count == 0 ? "nothing to change" : "nothing to change: it is being served");
            return;
        }

        work.Steps.Add(work.Change.IsChange ? "configuration and certificates written" : "it does not serve what it has");
        await work.Driver.ValidateAsync(cancellationToken).ConfigureAwait(false);
        await work.Driver.ReloadAsync(cancellationToken).ConfigureAwait(false);
        work.IsReloaded = true;
        work.Steps.Add("validated and reloaded");
        work.Steps.AddRange(await _prober.CheckAsync(probes, cancellationToken).ConfigureAwait(false));
        if (probes.Count == 0)
        {
            work.Steps.AddRange(await _prober.CheckAnswersAsync(work.Before, cancellationToken).ConfigureAwait(false));
        }

        work.State = ServiceState.Applied;
        foreach (string sha256 in probes.Select(one => one.Sha256).Distinct(StringComparer.Ordinal))
        {
            log.Served(work.Driver.Name, sha256);
        }
    }

    /// <summary>The last one first. Not cancelled: half of a way back is the worst of all.</summary>
    private async Task RollBackAsync(List<Work> works)
    {
        foreach (Work work in works.AsEnumerable().Reverse().Where(one => one.State != ServiceState.Absent))
        {
            bool isFailed = work.State != ServiceState.Applied && work == works[^1];
            if (work.Change is not { IsChange: true })
            {
                work.State = isFailed ? ServiceState.RolledBack : ServiceState.Unchanged;
                continue;
            }

            work.State = ServiceState.RolledBack;
            bool isUndone = false;
            try
            {
                await work.Change.UndoAsync(CancellationToken.None).ConfigureAwait(false);
                isUndone = true;
                work.Steps.Add("put back what was there");
                await work.Driver.ReloadAsync(CancellationToken.None).ConfigureAwait(false);
                work.Steps.Add("reloaded");
                if (work.IsReloaded)
                {
                    await _prober.CheckAgainAsync(work.Before, CancellationToken.None).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (Failure(e, work.Driver) is { } failure)
            {
                // A program that could not be reloaded before either has seen nothing of all this, if the files are as they were.
                work.State = isUndone && !work.IsReloaded ? ServiceState.RolledBack : ServiceState.Broken;
                work.Steps.Add(isUndone ? failure.Message : $"what was there could not be put back: {failure.Message}");
                if (work.State == ServiceState.Broken)
                {
                    log.NotRolledBack(work.Driver.Name, failure.Message);
                }
            }
        }
    }

    /// <summary>One driver's part.</summary>
    private sealed class Work(IServiceDriver driver)
    {
        public IServiceDriver Driver => driver;

        public List<string> Steps { get; } = [];

        public ServiceState State { get; set; } = ServiceState.Unchanged;

        public IServiceChange? Change { get; set; }

        public bool IsReloaded { get; set; }

        /// <summary>What was shown before anything was written.</summary>
        public IReadOnlyList<ServiceSight> Before { get; set; } = [];
    }
}
