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
    public const int MaxOutput = 8 * 1024 * 1024;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

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
        StringBuilder output = new();
        StringBuilder error = new();
        Task reading = Task.WhenAll(ReadAsync(process.StandardOutput, output, either.Token), ReadAsync(process.StandardError, error, either.Token));
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);

            // A daemon that it started may hold the pipes open for ever: what came until a moment after its end is all that is wanted.
            await Task.WhenAny(reading, Task.Delay(LastWords, time, either.Token)).ConfigureAwait(false);
            return new ServiceCommandResult(process.ExitCode, Text(output), Text(error));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ServiceException("command", $"'{program} {string.Join(' ', arguments)}' did not end within {patience.TotalSeconds} s", $"run it by hand; commandSeconds in {ServiceSettingsFile.Name} is how long it may take");
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Find(string program) => program.Contains('/', StringComparison.Ordinal)
        ? program
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(MoreFolders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    private static string Text(StringBuilder from)
    {
        lock (from)
        {
            return from.ToString();
        }
    }

    private static async Task ReadAsync(StreamReader stream, StringBuilder into, CancellationToken cancellationToken)
    {
        char[] part = new char[4096];
        int count;
        while ((count = await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0)
        {
            lock (into)
            {
                into.Append(part, 0, Math.Min(count, MaxOutput - into.Length));
            }
        }
    }
}
