using System.Globalization;

namespace Postern.Hosting;

/// <summary>
/// How many connections a daemon takes, so that they never use up the file descriptors of the process. The .NET runtime does not survive that:
/// it ends the process ("Out of memory") when it needs one for itself.
/// </summary>
/// <param name="Descriptors">What the process may have open; <see cref="int.MaxValue"/> where nobody says.</param>
internal sealed record ConnectionBudget(int Descriptors)
{
    /// <summary>Descriptors for everything but connections: the runtime and its libraries, listeners, logs, keys, and a directory whose 64
    /// readers have two files each. An idle edge holds some 150 (counted in /proc/PID/fd).</summary>
    private const int Reserve = 288;

    /// <summary>Fewer serve nobody; a daemon with less room than this has to live with the danger. Connections.</summary>
    private const int Fewest = 8;

    private const string LimitsFile = "/proc/self/limits";

    private int Room => Math.Max(Descriptors - Reserve, 0);

    /// <summary>Of <paramref name="wanted"/> connections to the directory, as many as fit into half of the room.</summary>
    public int Ldap(int wanted) => Math.Max(Math.Min(wanted, Room / 2), Fewest);

    /// <summary>Of <paramref name="wanted"/> connections that ask for recipients, as many as fit into a quarter of the room.</summary>
    public int Socketmap(int wanted) => Math.Max(Math.Min(wanted, Room / 4), Fewest);

    /// <summary>The limit of this process, proc_pid_limits(5). The runtime has raised the soft one to the hard one.</summary>
    public static ConnectionBudget OfThisProcess() =>
        new(OperatingSystem.IsLinux() && File.Exists(LimitsFile) ? Parse(File.ReadAllText(LimitsFile)) : int.MaxValue);

    private static int Parse(string limits)
    {
        const string name = "Max open files";
        string? line = limits.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        string soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : int.MaxValue;
    }
}
