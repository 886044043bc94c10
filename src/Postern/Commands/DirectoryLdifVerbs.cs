using System.CommandLine;
using Postern.Certificates;
using Postern.Control;
using Postern.Operations.Maintenance;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern directory export|import</c>: LDIF, RFC 2849.</summary>
internal static class DirectoryLdifVerbs
{
    private const int MaxBatch = 4096;

    public static Command Export()
    {
        Argument<string?> file = new("FILE") { Description = "made new with mode 0600 (default: standard output)", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> operational = new("--operational") { Description = "with entryUUID, createTimestamp, modifyTimestamp and entryCSN" };
        Option<bool> secrets = new("--with-secrets") { Description = "with the hashes of passwords; needs FILE" };
        Command command = new("export", "Writes all entries as LDIF, parents first, while the daemon runs or not.") { file, operational, secrets };
        Option<string?> data = command.AddData(DirectoryCommand.EitherSide);
        return command.Does(async context =>
        {
            ExportDirectory request = new(context.Get(operational), context.Get(secrets));
            string? path = context.Get(file);
            if (path is null)
            {
                return await ToStandardOutputAsync(context, context.Get(data)!, request);
            }

            DirectoryExported done;
            using (MaintenanceLine progress = new(context.Output.Error))
            using (NewPrivateFile target = NewPrivateFile.Begin(path))
            {
                await using (StreamWriter writer = LdifVerbs.WriterOn(target.Content))
                {
                    done = await LdifVerbs.ExportAsync(context.Get(data)!, request, writer, Path.GetFullPath(path), progress, context.Cancellation);
                }

                target.Finish();
            }

            context.Output.Result(done, PosternJson.Default.DirectoryExported, DirectoryTables.Exported);
            return ExitCode.Done;
        });
    }

    public static Command Import()
    {
        Argument<string> file = new("FILE") { Description = "LDIF: entries, or changes" };
        Option<bool> newUuids = new("--new-uuids") { Description = "give entries new entryUUIDs although the file has some" };
        Option<bool> skip = new("--skip-existing") { Description = "leave entries that are there already as they are" };
        Option<bool> goOn = new("--continue") { Description = "report refused records and go on" };
        Option<bool> atomic = new("--atomic") { Description = "all records in one transaction: all or none" };
        Option<int> batch = Arguments.Number("--batch", "N", 1000, 1, MaxBatch, "records in one transaction");
        Command command = new("import", "Adds the entries of an LDIF file, while no daemon runs.") { file, newUuids, skip, goOn, atomic, batch };
        Option<string?> data = command.AddData("data folder of an edge or a hub; made if missing");
        command.Validators.Add(result =>
        {
            if (result.GetResult(atomic) is { Implicit: false } && result.GetResult(goOn) is { Implicit: false })
            {
                result.AddError("--atomic and --continue exclude each other");
            }
        });
        return command.Does(async context =>
        {
            ImportDirectory request = new(
                context.Get(file), context.Get(newUuids), context.Get(skip), context.Get(goOn), context.Get(atomic), context.Get(batch));
            DirectoryImported done;
            using (MaintenanceLine progress = new(context.Output.Error))
            {
                done = await LdifVerbs.ImportAsync(context.Get(data)!, request, progress, context.Cancellation);
            }

            context.Output.Result(done, PosternJson.Default.DirectoryImported, DirectoryTables.Imported);
            return done.Refused == 0 ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static async Task<int> ToStandardOutputAsync(VerbContext context, string dataFolder, ExportDirectory request)
    {
        if (request.Secrets)
        {
            throw CommandFailure.WrongUsage("--with-secrets needs FILE: it is made with mode 0600", "postern directory export FILE --with-secrets");
        }

        if (context.Output.Format == OutputFormat.Json)
        {
            throw CommandFailure.WrongUsage("without FILE the entries go to standard output, where --output json writes its document", "give FILE, or leave --output json");
        }

        await using Stream standard = Console.OpenStandardOutput();
        await using StreamWriter writer = LdifVerbs.WriterOn(standard);
        await LdifVerbs.ExportAsync(dataFolder, request, writer, null, null, context.Cancellation);
        return ExitCode.Done;
    }
}
