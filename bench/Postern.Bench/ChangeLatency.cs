using System.Diagnostics;
using System.Globalization;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.Bench;

/// <summary>
/// How long a change of the source takes to be visible in the copy: one address more at one recipient, then the copy is asked for it over and over.
/// The same for an edge (by hash) and for a slapd consumer (by address). One change at a time; it is taken back unmeasured.
/// </summary>
internal sealed class ChangeLatency(LdapConnection source, LdapConnection copy, string copyBase, Func<string, Filter> filter)
{
    /// <summary>Changes that are not counted: what is compiled, opened and looked up at the first ones.</summary>
    private const int WarmUp = 20;

    /// <summary>A pause between two changes, so that one does not ride on the other's cycle.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Prints p50, p99 and max in milliseconds, from sending the change and from the source's answer.</summary>
    public async Task RunAsync(string label, IReadOnlyList<string> dns, string domain, int changes)
    {
        Random random = new(7);
        List<double> sent = [];
        List<double> answered = [];
        for (int i = 0; i < changes + WarmUp; i++)
        {
            string dn = dns[random.Next(dns.Count)];
            string address = string.Create(CultureInfo.InvariantCulture, $"latency.{Environment.ProcessId}.{i}@{domain}");
            long start = Stopwatch.GetTimestamp();
            await ChangeAsync(dn, ModificationType.Add, address);
            long answer = Stopwatch.GetTimestamp();
            while (!await IsVisibleAsync(address))
            {
                if (Stopwatch.GetElapsedTime(answer) > Patience)
                {
                    throw new InvalidOperationException($"{address} is not visible after {Patience.TotalSeconds} s");
                }
            }

            if (i >= WarmUp)
            {
                sent.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                answered.Add(Stopwatch.GetElapsedTime(answer).TotalMilliseconds);
            }

            await Task.Delay(Pause);
            await ChangeAsync(dn, ModificationType.Delete, address);
            while (await IsVisibleAsync(address))
            {
                await Task.Delay(1);
            }

            await Task.Delay(Pause);
        }

        Print(label, "from sending the change", sent);
        Print(label, "from the source's answer", answered);
    }

    public static Filter ByHash(AddressHashKey key, string address) =>
        MailAddress.TryNormalize(address, out string normalized, out string? error)
            ? Filter.Equal(PosternAttributes.AddressHash, AddressHasher.HashOnce(key, normalized))
            : throw new InvalidOperationException(error);

    private static void Print(string label, string since, List<double> times)
    {
        times.Sort();
        foreach ((string name, double share) in new[] { ("p50", 0.5), ("p99", 0.99), ("max", 1.0) })
        {
            double value = times[Math.Min(times.Count - 1, (int)(share * times.Count))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label}, {since}, {name}\t{value:F3}\tms"));
        }
    }

    private async Task ChangeAsync(string dn, ModificationType type, string address) =>
        (await source.ModifyAsync(new ModifyRequest(dn, new Modification(type, new LdapAttribute("proxyAddresses", $"smtp:{address}"))))).ThrowIfFailed($"modify {dn}");

    private async Task<bool> IsVisibleAsync(string address)
    {
        bool found = false;
        await foreach (LdapEntry _ in copy.SearchAsync(new SearchRequest(copyBase, SearchScope.WholeSubtree, filter(address), ["1.1"])))
        {
            found = true;
        }

        return found;
    }
}
