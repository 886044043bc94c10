using System.Globalization;
using Postern.Operations.Maintenance;

namespace Postern.Output;

/// <summary>How the results of <c>postern backup</c> and <c>postern restore</c> look to people.</summary>
internal static class BackupTables
{
    public static void BackedUp(TextWriter output, HubBackedUp one)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"backup of the hub: {one.File} ({one.Keys} files of keys, {Directory(one.Entries)}, {one.Bytes} octets)"));
        output.WriteLine("Who opens it is the hub: keep it apart from its passphrase. hub.json, logs and the audit record are not in it.");
    }

    public static void Restored(TextWriter output, HubRestored one)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"restored: {one.Data} ({one.Keys} files of keys, {Directory(one.Entries)}, as of {one.MadeUtc:u})"));
        output.WriteLine("next:");
        foreach (string step in one.Next)
        {
            output.WriteLine($"  {step}");
        }
    }

    private static string Directory(long? entries) => entries is { } count
        ? string.Create(CultureInfo.InvariantCulture, $"{count} entries")
        : "no directory: it is on a server that hubs share";
}
