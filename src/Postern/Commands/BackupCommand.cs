using System.CommandLine;
using Postern.Control;
using Postern.Operations.Maintenance;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern backup</c> and <c>postern restore</c>: a whole hub, sealed with a passphrase.</summary>
internal static class BackupCommand
{
    public static Command Backup()
    {
        Argument<string> file = new("FILE") { Description = "the backup, made new with mode 0600" };
        Option<string?> passphraseFile = Passphrases.FileOption("its first line is the passphrase (default: ask at the terminal)");
        Command command = new("backup", "Backs up a hub, keys and organization directory, sealed with a passphrase, while it runs or not.") { file, passphraseFile };
        Option<string?> data = command.AddData("data folder of the hub");
        return command.Does(async context =>
        {
            string passphrase = Passphrase(context, passphraseFile, isNew: true);
            HubBackedUp done = await HubBackupVerbs.BackUpAsync(context.Get(data)!, context.Get(file), passphrase, TimeProvider.System, context.Cancellation);
            context.Output.Result(done, PosternJson.Default.HubBackedUp, BackupTables.BackedUp);
            return ExitCode.Done;
        });
    }

    public static Command Restore()
    {
        Argument<string> file = new("FILE") { Description = "what `postern backup` wrote" };
        Option<string?> passphraseFile = Passphrases.FileOption("its first line is the passphrase (default: ask at the terminal)");
        Command command = new("restore", "Makes a hub out of its backup, in a folder where none is: its edges need no visit.") { file, passphraseFile };
        Option<string?> data = command.AddData("data folder of the hub; made if missing");
        return command.Does(async context =>
        {
            string passphrase = Passphrase(context, passphraseFile, isNew: false);
            HubRestored done = await HubBackupVerbs.RestoreAsync(context.Get(data)!, context.Get(file), passphrase, TimeProvider.System, context.Cancellation);
            context.Output.Result(done, PosternJson.Default.HubRestored, BackupTables.Restored);
            return ExitCode.Done;
        });
    }

    private static string Passphrase(VerbContext context, Option<string?> file, bool isNew) => context.Get(file) is { } path
        ? Passphrases.Read(path)
        : Passphrases.Ask("passphrase of the backup", twice: isNew, context.Output.Error);
}
