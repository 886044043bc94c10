using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Postern.Transport.Services;

/// <summary>What a program of a service said.</summary>
internal sealed record ServiceCommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The end of what it wrote, for people: errors, or else its output.</summary>
    public string Words => (Error.Trim() is { Length: > 0 } error ? error : Output.Trim()) is { Length: > 0 } text ? Shorten(text) : $"exit code {ExitCode}, without a word";

    private static string Shorten(string text) => text.Length <= ServiceCommand.MaxWords ? text : "... " + text[^ServiceCommand.MaxWords..];
}

/// <summary>Runs a program of a service: without a shell, for a bounded time, with bounded output.</summary>
internal static class ServiceCommand
{
    /// <summary>Characters of its words that an error repeats. Ours.</summary>
    public const int MaxWords = 1000;

    /// <summary>Characters kept of each stream: `nginx -T` of thousands of sites fits. Ours.</summary>
    private const int MaxOutput = 8 * 1024 * 1024;

    /// <summary>Programs of daemons are outside an ordinary PATH on Debian.</summary>
    private static readonly string[] MoreFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

    /// <exception cref="ServiceException">There is no such program, or it took longer than <paramref name="patience"/> and was ended.</exception>
    public static async Task<ServiceCommandResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(Find(program), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };

        // Messages are matched nowhere, but people should read what the documents of the service say.
        start.Environment["LC_ALL"] = "C";
        using Process process = new() { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new ServiceException("command", $"'{program}' cannot be run: {e.Message}", $"install it, or name its path in {ServiceSettingsFile.Name}", e);
        }

        process.StandardInput.Close();
        using CancellationTokenSource late = new(patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        Task<string> output = ReadAsync(process.StandardOutput, either.Token);
        Task<string> error = ReadAsync(process.StandardError, either.Token);
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);

            // A daemon that the program started may keep the pipes open: what is there after its end is all that is wanted.
            return new ServiceCommandResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ServiceException("command", $"'{program} {string.Join(' ', arguments)}' did not end within {patience.TotalSeconds} s", $"run it by hand; commandSeconds in {ServiceSettingsFile.Name} is how long it may take");
        }
    }

    private static string Find(string program) => program.Contains('/', StringComparison.Ordinal)
        ? program
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(MoreFolders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    private static async Task<string> ReadAsync(StreamReader stream, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        char[] part = new char[4096];
        int count;
        while ((count = await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0)
        {
            text.Append(part, 0, Math.Min(count, MaxOutput - text.Length));
        }

        return text.ToString();
    }
}
