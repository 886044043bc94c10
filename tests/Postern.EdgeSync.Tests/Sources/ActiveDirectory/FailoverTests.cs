using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>Two domain controllers: another one means another database as far as cookies go.</summary>
public sealed class FailoverTests(DomainFixture domain, SecondController second) : IClassFixture<DomainFixture>, IClassFixture<SecondController>
{
    [SkippableFact]
    public async Task Next_controller_is_read_whole_and_kept()
    {
        TestUnit unit = await domain.UnitAsync();
        await unit.AddAsync("a", "smtp:a@lab.example");
        SambaDc other = await second.StartAsync(domain.Controller.Authority, unit.Dn);
        await using ActiveDirectorySource source = unit.Source(s => s with { Urls = [domain.Controller.LdapsUrl, other.LdapsUrl] });
        ReadResult whole = await ReadResult.OfAsync(source, null);
        Assert.Single(whole.Entries);

        await domain.Controller.StopAsync();
        ReadResult switched = await ReadResult.OfAsync(source, whole.Next);
        await domain.Controller.StartAgainAsync();
        ReadResult kept = await ReadResult.OfAsync(source, switched.Next);
        await other.StopAsync();
        ReadResult back = await ReadResult.OfAsync(source, kept.Next);
        ReadResult after = await ReadResult.OfAsync(source, back.Next);

        Assert.Contains("another domain controller", switched.WholeBecause, StringComparison.Ordinal);
        Assert.Empty(switched.Entries); // whole: what this means for the edge is the guard's business
        Assert.False(kept.IsWhole);
        Assert.True(back.IsWhole);
        Assert.Single(back.Entries);
        Assert.False(after.IsWhole);
    }

    [SkippableFact]
    public async Task Controller_that_fails_is_waited_for_as_long_as_the_settings_say()
    {
        ManualTimeProvider time = new();
        TestUnit unit = await domain.UnitAsync();
        SambaDc other = await second.StartAsync(domain.Controller.Authority, unit.Dn);
        SourceSettings settings = domain.Settings(unit.Dn) with
        {
            Urls = [domain.Controller.LdapsUrl, other.LdapsUrl],
            FailoverDelay = TimeSpan.FromMinutes(5),
        };
        await using ActiveDirectorySource source = new(settings, time, NullLoggerFactory.Instance);
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await domain.Controller.StopAsync();

        await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(whole.Next, CancellationToken.None));
        time.Advance(settings.FailoverDelay);
        ReadResult switched = await ReadResult.OfAsync(source, whole.Next);

        Assert.True(switched.IsWhole);
        await domain.Controller.StartAgainAsync();
    }

    [SkippableFact]
    public async Task All_controllers_down_are_all_named()
    {
        TestUnit unit = await domain.UnitAsync();
        await using ActiveDirectorySource source = unit.Source(s => s with { Urls = ["ldaps://127.0.0.1:1", "ldaps://127.0.0.2:1"] });

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(null, CancellationToken.None));

        Assert.Contains("127.0.0.1:1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.2:1", failure.Message, StringComparison.Ordinal);
    }
}

/// <summary>A domain controller of another database.</summary>
public sealed class SecondController : IAsyncLifetime
{
    private SambaDc? _controller;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Running, and with this unit in it.</summary>
    public async Task<SambaDc> StartAsync(Certs authority, string unit)
    {
        if (_controller is null)
        {
            _controller = await SambaDc.StartAsync("dc2", authority);
        }
        else if (!_controller.IsRunning)
        {
            await _controller.StartAgainAsync();
        }

        (await _controller.Tools.AddAsync($"dn: {unit}\nobjectClass: organizationalUnit\n")).MustSucceed();
        return _controller;
    }

    public async Task DisposeAsync()
    {
        if (_controller is not null)
        {
            await _controller.DisposeAsync();
        }
    }
}
