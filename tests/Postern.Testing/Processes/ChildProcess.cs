using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Postern.Testing;

/// <summary>A program that a test starts: its output is kept, its end is by process id, and disposing kills it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Only after the end.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>Standard error so far.</summary>
    public string Error => Read(_error);

    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end, with the given text as its standard input.</summary>
    public static async Task<CommandResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string input = "",
        IReadOnlyDictionary<string, string?>? environment = null,
        CancellationToken cancellationToken = default)
    {
        await using ChildProcess child = Start(program, arguments, environment);
        try
        {
            await child._process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            child._process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; its exit code and its output say why.
        }

        await child._process.WaitForExitAsync(cancellationToken);
        return new CommandResult(child.ExitCode, child.Output, child.Error);
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken = default) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Asks it to end (SIGTERM) and waits; a program that does not end is killed and reported.</summary>
    /// <exception cref="TimeoutException">It did not end by itself.</exception>
    public async Task TerminateAsync()
    {
        if (HasExited)
        {
            return;
        }

        string id = Id.ToString(CultureInfo.InvariantCulture);
        using Process kill = Process.Start("kill", ["-TERM", id]);
        await kill.WaitForExitAsync();
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"{_process.StartInfo.FileName} ({id}) did not end within {Patience} of SIGTERM.\n{Output}\n{Error}");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
