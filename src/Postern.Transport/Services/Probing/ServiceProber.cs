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
