using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>How watched folders look to people.</summary>
public static class CertificateWatchTables
{
    public static void List(TextWriter output, WatchList list)
    {
        if (list.Folders.Count == 0)
        {
            output.WriteLine("No folder is watched.");
        }

        foreach (WatchedFolderView folder in list.Folders)
        {
            output.WriteLine($"{folder.Folder}{(folder.Problem is null ? "" : $": {folder.Problem}")}");
            foreach (WatchedLineageView one in folder.Certificates)
            {
                output.WriteLine(one.Thumbprint is null
                    ? $"  {one.Path}: not taken in yet"
                    : $"  {one.Path}: {one.Thumbprint}, good until {one.NotAfter:u}, {(one.Services.Count == 0 ? "bound to nothing" : string.Join(", ", one.Services))}{(one.IsCurrent ? "" : "; there is a newer one")}");
            }
        }
    }

    public static void Run(TextWriter output, WatchRun run)
    {
        foreach (WatchedRenewal one in run.Renewals)
        {
            output.WriteLine($"{one.Lineage}: {one.State}{(one.Thumbprint is null ? "" : $" {one.Thumbprint}")}{(one.Reason is null ? "" : $": {one.Reason}")}");
            if (one.Bound is { } bound)
            {
                CertificateServiceTables.Bound(output, bound);
            }
        }

        foreach (string removed in run.Removed)
        {
            output.WriteLine($"removed, long expired: {removed}");
        }
    }
}
