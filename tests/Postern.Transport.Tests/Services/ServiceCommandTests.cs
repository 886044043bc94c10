using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>Programs of services that do not do what they should.</summary>
public sealed class ServiceCommandTests
{
    [Fact]
    public async Task One_that_does_not_end_is_ended()
    {
        ServiceException failure = await Assert.ThrowsAsync<ServiceException>(() => RunAsync(TimeSpan.FromMilliseconds(300), "sleep 60"));
        Assert.Equal("command", failure.Code);
        Assert.Contains("commandSeconds", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_leaves_a_daemon_behind_is_not_waited_for()
    {
        ServiceCommandResult result = await RunAsync(TimeSpan.FromSeconds(60), "echo started; sleep 20 & exit 3");
        Assert.Equal((3, "started"), (result.ExitCode, result.Words));
    }

    [Fact]
    public async Task Its_words_are_bounded_and_the_last_ones_are_kept()
    {
        ServiceCommandResult result = await RunAsync(TimeSpan.FromSeconds(60), $"head -c {ServiceCommand.MaxOutput + 5} /dev/zero | tr '\\0' x; echo; echo why >&2");
        Assert.Equal(ServiceCommand.MaxOutput, result.Output.Length);
        Assert.Equal("why", result.Words);
        result = await RunAsync(TimeSpan.FromSeconds(60), $"head -c {ServiceCommand.MaxWords + 1} /dev/zero | tr '\\0' x");
        Assert.Equal("... " + new string('x', ServiceCommand.MaxWords), result.Words);
    }

    [Fact]
    public async Task One_that_is_not_there_is_named() =>
        Assert.Contains("no-such-program", (await Assert.ThrowsAsync<ServiceException>(() => ServiceCommand.RunAsync("no-such-program", [], TimeSpan.FromSeconds(1), TimeProvider.System, default))).Message, StringComparison.Ordinal);

    private static Task<ServiceCommandResult> RunAsync(TimeSpan patience, string script) => ServiceCommand.RunAsync("sh", ["-c", script], patience, TimeProvider.System, default);
}
