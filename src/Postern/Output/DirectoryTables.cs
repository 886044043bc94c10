using System.Globalization;
using Postern.Operations.Maintenance;

namespace Postern.Output;

/// <summary>How the results of <c>postern directory</c> look to people.</summary>
internal static class DirectoryTables
{
    public static void BackedUp(TextWriter output, DirectoryBackedUp one)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"backup of the {one.Side}'s directory: {one.File} ({one.Entries} entries, {one.Bytes} octets)"));
        output.WriteLine("It holds hashes of passwords. Keys and certificates are not in it: the folder keys/ beside the directory needs a copy of its own.");
    }

    public static void Restored(TextWriter output, DirectoryRestored one)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"restored: {one.Directory} ({one.Entries} entries)"));
        if (one.KeptAs is not null)
        {
            output.WriteLine($"  before: {one.KeptAs}");
        }

        output.WriteLine("next:");
        foreach (string step in one.Next)
        {
            output.WriteLine($"  {step}");
        }
    }

    public static void Checked(TextWriter output, DirectoryChecked one)
    {
        if (one.Consistent)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"consistent: {one.Directory} ({one.Entries} entries)"));
            return;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one.Faults.Count} faults: {one.Directory}"));
        foreach (string fault in one.Faults)
        {
            output.WriteLine($"  {fault}");
        }

        output.WriteLine($"hint: {one.Hint}");
    }

    public static void Exported(TextWriter output, DirectoryExported one) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"exported: {one.File} ({one.Entries} entries{(one.Secrets ? ", with the hashes of passwords" : "")})"));

    public static void Imported(TextWriter output, DirectoryImported one)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"imported: {one.Imported} records into {one.Directory}, {one.Skipped} were there already, {one.Refused} refused"));
        foreach (string refusal in one.Refusals)
        {
            output.WriteLine($"  {refusal}");
        }

        if (one.Refused > one.Refusals.Count)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ... and {one.Refused - one.Refusals.Count} more"));
        }
    }
}
