using System.CommandLine;
using Postern.Control;
using Postern.Operations.Maintenance;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern directory backup|restore|check</c>: on the file of a data folder, without its daemon's help.</summary>
internal static class DirectoryFileVerbs
{
    public static Command Backup()
    {
        Argument<string> file = new("FILE") { Description = "the backup, made new with mode 0600" };
        Command command = new("backup", "Copies the directory as it is at this moment, while the daemon runs or not.") { file };
        Option<string?> data = command.AddData(DirectoryCommand.EitherSide);
        return command.Does(async context =>
        {
            DirectoryBackedUp done;
            using (MaintenanceLine progress = new(context.Output.Error))
            {
                done = await BackupVerbs.BackupAsync(context.Get(data)!, context.Get(file), progress, context.Cancellation);
            }

            context.Output.Result(done, PosternJson.Default.DirectoryBackedUp, DirectoryTables.BackedUp);
            return ExitCode.Done;
        });
    }

    public static Command Restore()
    {
        Argument<string> file = new("FILE") { Description = "what `postern directory backup` wrote" };
        Command command = new("restore", "Checks a backup and puts it in the directory's place, while no daemon runs; keeps what was there.") { file };
        Option<string?> data = command.AddData("data folder of an edge or a hub; made if missing");
        return command.Does(async context =>
        {
            DirectoryRestored done;
            using (MaintenanceLine progress = new(context.Output.Error))
            {
                done = await BackupVerbs.RestoreAsync(context.Get(data)!, context.Get(file), TimeProvider.System, progress, context.Cancellation);
            }

            context.Output.Result(done, PosternJson.Default.DirectoryRestored, DirectoryTables.Restored);
            return ExitCode.Done;
        });
    }

    public static Command Check()
    {
        Command command = new("check", "Compares entries, tree and indexes, while the daemon runs or not: exit code 0 when they agree, 1 when not.");
        Option<string?> data = command.AddData(DirectoryCommand.EitherSide);
        return command.Does(async context =>
        {
            DirectoryChecked done;
            using (MaintenanceLine progress = new(context.Output.Error))
            {
                done = await BackupVerbs.CheckAsync(context.Get(data)!, progress, context.Cancellation);
            }

            context.Output.Result(done, PosternJson.Default.DirectoryChecked, DirectoryTables.Checked);
            return done.Consistent ? ExitCode.Done : ExitCode.Failed;
        });
    }
}
