using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern directory</c>: the directory of a daemon itself, rather than what is replicated in it.</summary>
internal static class DirectoryCommand
{
    public const string EitherSide = "data folder of an edge or a hub";

    public static Command Build() => new("directory", "The directory itself: who may log on, backup and restore, checks, LDIF.")
    {
        AccountCommand.Build(),
        DirectoryFileVerbs.Backup(), DirectoryFileVerbs.Restore(), DirectoryFileVerbs.Check(), DirectoryLdifVerbs.Export(), DirectoryLdifVerbs.Import(),
    };
}
