using System.Reflection;

namespace Postern.Hosting;

internal static class HostNames
{
    public static string Version { get; } =
        typeof(HostNames).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>The first label: what edges and hubs call each other (fact sheet 2.3, EdgeServerName).</summary>
    public static string ShortName(string fqdn) => fqdn.Split('.')[0];
}
