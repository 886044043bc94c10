using System.Text;
using Postern.Directory;
using Postern.Ldap;

namespace Postern.Operations.Maintenance;

/// <summary>Export of a data folder's directory as LDIF, also while a daemon runs, and import into it, only while none runs.</summary>
public static class LdifVerbs
{
    /// <summary>Writes one snapshot, parents before children, RFC 2849.</summary>
    /// <param name="output">Flushed, not closed.</param>
    public static Task<DirectoryExported> ExportAsync(
        string dataFolder, ExportDirectory request, TextWriter output, string? file, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(() => Task.Run(
            () =>
            {
                DirectoryPlace place = DirectoryPlace.Find(dataFolder);
                using DirectoryFile directory = DirectoryFile.Open(place.File);
                LdifWriter writer = new(output);
                long entries = 0;
                foreach (LdapEntry entry in directory.ReadEntries(request.Operational, request.Secrets, progress, cancellationToken))
                {
                    writer.Write(entry);
                    entries++;
                }

                output.Flush();
                return new DirectoryExported(file, place.Side, place.File, entries, request.Operational, request.Secrets);
            },
            cancellationToken));

    /// <exception cref="OperationException">A daemon runs; the file is no LDIF; a record is refused and nobody said to go on. The message
    /// has file and line, and what has been imported by then.</exception>
    public static Task<DirectoryImported> ImportAsync(
        string dataFolder, ImportDirectory request, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            if (!File.Exists(request.File))
            {
                throw new OperationException(
                    FailureCategory.NotFound, "fileNotFound", $"there is no file {Path.GetFullPath(request.File)}", "give the file that `postern directory export` wrote");
            }

            DirectoryPlace place = DirectoryPlace.TryFind(dataFolder) ?? DirectoryPlace.ForSuffix(dataFolder, FirstName(request.File), request.File);
            place.MakeFolders();
            try
            {
                await using DirectoryEngine engine = OpenAlone(place);
                LdifImport import = new(engine.As(Principal.System), place.Schema, request, progress);
                await import.RunAsync(cancellationToken);
                return new DirectoryImported(
                    Path.GetFullPath(request.File), place.Side, place.File, import.Imported, import.Skipped, import.Refused, import.Refusals);
            }
            finally
            {
                place.GiveToOwner();
            }
        });

    private static DirectoryEngine OpenAlone(DirectoryPlace place)
    {
        try
        {
            return place.Open(place.File);
        }
        catch (DirectoryStoreException e) when (e.Fault == StoreFault.Locked)
        {
            throw place.IsRunning("stop it and import then; or send the file over LDAP while it runs, e.g. with ldapadd (docs/directory.md)", e);
        }
    }

    private static DistinguishedName FirstName(string file)
    {
        using FileStream stream = File.OpenRead(file);
        foreach (LdifRecord record in new LdifReader(stream, file).Read())
        {
            string dn = record switch
            {
                LdifContentRecord content => content.Entry.Dn,
                LdifChangeRecord change => change.Operation.Dn,
                _ => "",
            };
            return DistinguishedName.TryParse(dn, out DistinguishedName? name, out string? error)
                ? name
                : throw new LdifException(file, record.Line, $"\"{dn}\" is no distinguished name: {error}");
        }

        throw new OperationException(FailureCategory.BadRequest, "ldif", $"{file} holds no records", "give an LDIF file (RFC 2849)");
    }

    /// <summary>Opens a file for the octets of an export; the caller makes the file.</summary>
    public static StreamWriter WriterOn(Stream stream)
    {
        const int bufferChars = 64 * 1024;
        return new StreamWriter(stream, new ASCIIEncoding(), bufferChars, leaveOpen: true);
    }
}
