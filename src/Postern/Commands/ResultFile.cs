using System.CommandLine;
using Postern.Certificates;

namespace Postern.Commands;

/// <summary>The file that a verb writes its result to: never over another one unasked, and looked at before the work is done.</summary>
internal sealed class ResultFile
{
    /// <summary>The option, by any of its descriptions.</summary>
    public const string Name = "--file";

    private readonly Option<string?> _file;

    private readonly Option<bool> _force = new("--force") { Description = "replace FILE if it is there" };

    private ResultFile(string description) => _file = new Option<string?>(Name) { HelpName = "FILE", Description = description };

    public static ResultFile AddTo(Command command, string description)
    {
        ResultFile file = new(description);
        command.Options.Add(file._file);
        command.Options.Add(file._force);
        return file;
    }

    /// <returns>Whether a file was named.</returns>
    /// <exception cref="CommandFailure">It cannot be written there.</exception>
    public bool Check(VerbContext context)
    {
        if (context.Get(_file) is not { } path)
        {
            return false;
        }

        if (System.IO.Directory.Exists(path))
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotWritten", $"{path} is a folder", "give --file the name of a file");
        }

        if (!System.IO.Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotWritten", $"there is no folder {Path.GetDirectoryName(Path.GetFullPath(path))}", "make it, or give --file another place");
        }

        return File.Exists(path) && !context.Get(_force)
            ? throw new CommandFailure(ExitCode.Failed, "fileExists", $"{path} exists already", "choose another name, or replace it with --force")
            : true;
    }

    /// <param name="isSecret">Only the owner may read it; else everybody may.</param>
    /// <returns>The full path; null where no file was named.</returns>
    public string? Write(VerbContext context, byte[] content, bool isSecret)
    {
        if (!Check(context))
        {
            return null;
        }

        string path = Path.GetFullPath(context.Get(_file)!);
        if (context.Get(_force))
        {
            PrivateFile.Replace(path, content);
        }
        else
        {
            PrivateFile.CreateNew(path, content);
        }

        if (!isSecret && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        return path;
    }
}
