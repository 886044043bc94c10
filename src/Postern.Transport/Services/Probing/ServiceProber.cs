using System.Globalization;
using System.Net.Sockets;

namespace Postern.Transport.Services;

/// <summary>Looks until a service shows what it must, or for as long as it has.</summary>
internal sealed class ServiceProber(TimeProvider time, TimeSpan patience)
{
    /// <summary>Times in a row: after a reload, old processes of a service may still take a connection. Ours.</summary>
    public const int Repeats = 3;

    /// <summary>One connection. Ours.</summary>
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>What was seen, a line for people each.</returns>
    /// <exception cref="ServiceException"><c>notServed</c>: one shows something else, or nobody is there.</exception>
    public async Task<IReadOnlyList<string>> CheckAsync(IReadOnlyList<ServiceProbe> probes, CancellationToken cancellationToken)
    {
        List<string> seen = [];
        long start = time.GetTimestamp();
        foreach (IGrouping<Postern.Certificates.MailServices, ServiceProbe> service in probes.GroupBy(one => one.Service))
        {
            int answered = 0;
            foreach (IGrouping<string, ServiceProbe> address in service.GroupBy(one => one.Address, StringComparer.Ordinal))
            {
                if (address.First().IsOptional && await IsClosedAsync(address.First(), cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                answered++;
                foreach (ServiceProbe probe in address)
                {
                    await UntilShownAsync(probe, start, cancellationToken).ConfigureAwait(false);
                }

                int names = address.Count(one => one.Name is not null);
                seen.Add(names == 0
                    ? $"{address.Key} shows {address.First().Sha256}"
                    : string.Create(CultureInfo.InvariantCulture, $"{address.Key} shows {address.First().Sha256}, and the right one for {names} {(names == 1 ? "name" : "names")}"));
            }

            if (answered == 0)
            {
                throw new ServiceException("notServed", $"nobody listens for {Word(service.Key)} at {string.Join(", ", service.Select(one => one.Address).Distinct())}, so nothing could be checked",
                    $"start the service, or name the addresses where it listens as its probes in {ServiceSettingsFile.Name}");
            }
        }

        return seen;
    }

    /// <summary>One look each, now: whether everything is served as it must be.</summary>
    public static async Task<bool> IsServedAsync(IReadOnlyList<ServiceProbe> probes, CancellationToken cancellationToken)
    {
        bool isAnyThere = false;
        foreach (ServiceProbe probe in probes)
        {
            try
            {
                if (await LookAsync(probe, cancellationToken).ConfigureAwait(false) != probe.Sha256)
                {
                    return false;
                }

                isAnyThere = true;
            }
            catch (NobodyThereException) when (probe.IsOptional)
            {
                // One of the usual ports.
            }
            catch (IOException)
            {
                return false;
            }
        }

        return isAnyThere;
    }

    /// <summary>One look each, whatever is shown. Where an address shows nothing, it is not asked for further names.</summary>
    public static async Task<IReadOnlyList<ServiceSight>> LookAroundAsync(IReadOnlyList<ServiceProbe> probes, CancellationToken cancellationToken)
    {
        List<ServiceSight> sights = [];
        foreach (IGrouping<string, ServiceProbe> address in probes.GroupBy(one => one.Address, StringComparer.Ordinal))
        {
            foreach (ServiceProbe probe in address)
            {
                ServiceSight sight = await SeeAsync(probe, cancellationToken).ConfigureAwait(false);
                sights.Add(sight);
                if (sight.Sha256 is null)
                {
                    break;
                }
            }
        }

        return sights;
    }

    /// <summary>Looks until everything that was shown is shown again.</summary>
    /// <exception cref="ServiceException"><c>notServed</c>: something else is.</exception>
    public async Task CheckAgainAsync(IReadOnlyList<ServiceSight> before, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        foreach (ServiceSight sight in before.Where(one => one.Sha256 is not null))
        {
            await UntilShownAsync(sight.Probe with { Sha256 = sight.Sha256! }, start, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks until somebody is wherever somebody was. What is shown there is its own affair.</summary>
    /// <returns>What was seen, a line for people each.</returns>
    /// <exception cref="ServiceException"><c>notServed</c>: nobody is there.</exception>
    public async Task<IReadOnlyList<string>> CheckAnswersAsync(IReadOnlyList<ServiceSight> before, CancellationToken cancellationToken)
    {
        List<string> seen = [];
        long start = time.GetTimestamp();
        foreach (ServiceProbe probe in before.Where(one => one.IsThere).Select(one => one.Probe))
        {
            ServiceSight now = await SeeAsync(probe, cancellationToken).ConfigureAwait(false);
            while (!now.IsThere)
            {
                if (time.GetElapsedTime(start) >= patience)
                {
                    throw new ServiceException("notServed", $"{probe.Address} ({Word(probe.Service)}) does not answer any more after {patience.TotalSeconds} s: {now.Fault}", "look at the service's log");
                }

                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
                now = await SeeAsync(probe, cancellationToken).ConfigureAwait(false);
            }

            seen.Add(now.Sha256 is null ? $"{probe.Address} shows no certificate: {now.Fault}" : $"{probe.Address} shows {now.Sha256}");
        }

        return seen;
    }

    private static async Task<ServiceSight> SeeAsync(ServiceProbe probe, CancellationToken cancellationToken)
    {
        try
        {
            return new ServiceSight(probe, await LookAsync(probe, cancellationToken).ConfigureAwait(false), true, null);
        }
        catch (IOException e)
        {
            return new ServiceSight(probe, null, e is not NobodyThereException, e.Message);
        }
    }

    private static string Word(Postern.Certificates.MailServices service) => string.Join(", ", Postern.Certificates.MailServicesText.ToWords(service));

    private static async Task<bool> IsClosedAsync(ServiceProbe probe, CancellationToken cancellationToken)
    {
        (string host, int port) = ServedCertificate.Parse(probe.Address);
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task<string> LookAsync(ServiceProbe probe, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(LookPatience);
        try
        {
            return await ServedCertificate.AskAsync(probe, late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no answer within {LookPatience.TotalSeconds} s");
        }
    }

    private async Task UntilShownAsync(ServiceProbe probe, long start, CancellationToken cancellationToken)
    {
        int inARow = 0;
        while (true)
        {
            string fault;
            try
            {
                string shown = await LookAsync(probe, cancellationToken).ConfigureAwait(false);
                if (shown == probe.Sha256)
                {
                    // A name alone cannot be new while the rest is old: the first look of an address is the one that is repeated.
                    if (++inARow == (probe.Name is null ? Repeats : 1))
                    {
                        return;
                    }

                    continue;
                }

                fault = $"shows {shown}";
            }
            catch (IOException e)
            {
                fault = e.Message;
            }

            inARow = 0;
            if (time.GetElapsedTime(start) >= patience)
            {
                string asked = probe.Name is null ? "" : $" for {probe.Name}";
                throw new ServiceException("notServed", $"{probe.Address} ({Word(probe.Service)}) does not show {probe.Sha256}{asked} after {patience.TotalSeconds} s: {fault}",
                    "look at the service's log, and for another place in its configuration that names a certificate");
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
