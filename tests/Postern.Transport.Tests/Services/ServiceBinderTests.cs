using Postern.Certificates;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>A program whose way back fails.</summary>
public sealed class ServiceBinderTests : IDisposable
{
    private readonly NodeStore _node = new();

    [Theory]
    [InlineData(true, ServiceState.Broken)]
    [InlineData(false, ServiceState.RolledBack)]
    public async Task What_could_not_be_put_back_on_disk_is_broken_also_when_nothing_was_reloaded(bool isUndoFailing, ServiceState expected)
    {
        _node.Add(MailServices.Smtp, "mail.example.com");
        BindingOutcome done = await NodeStore.Binder(new ServiceSettings(), new Driver(isUndoFailing)).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Equal("validation", done.Failure?.Code);
        Assert.Equal(expected, Assert.Single(done.Services).State);
    }

    public void Dispose() => _node.Dispose();

    private sealed class Driver(bool isUndoFailing) : IServiceDriver, IServiceChange
    {
        public string Name => "fake";

        public MailServices Services => MailServices.Smtp;

        public bool IsChange => true;

        public IReadOnlyList<string> Notes => [];

        public string? WhyAbsent() => null;

        public Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken) => Task.FromResult<IServiceChange>(this);

        public Task ValidateAsync(CancellationToken cancellationToken) => throw new ServiceException("validation", "it will not", "");

        public Task ReloadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public IReadOnlyList<ServiceProbe> Probes(BindingPlan plan) => [];

        public Task UndoAsync(CancellationToken cancellationToken) => isUndoFailing ? throw new IOException("no space left") : Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
