using Postern.Certificates;
using Postern.Transport.Services;

namespace Postern.Operations.Tests.Certificates;

/// <summary>A program that shows what it is told, at once.</summary>
internal sealed class FakeDriver : IServiceDriver
{
    public string? Shown { get; private set; }

    public Exception? Fault { get; set; }

    public string? Absence { get; set; }

    public string Name => "postfix";

    public MailServices Services => MailServices.Smtp;

    public string? WhyAbsent() => Absence;

    public Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        Change change = new(this, Shown, Shown != plan.Smtp?.Default.Sha256);
        Shown = plan.Smtp?.Default.Sha256;
        return Task.FromResult<IServiceChange>(change);
    }

    public Task ValidateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReloadAsync(CancellationToken cancellationToken) => Fault is null ? Task.CompletedTask : throw Fault;

    public IReadOnlyList<ServiceProbe> Probes(BindingPlan plan) => [];

    private sealed record Change(FakeDriver Driver, string? Before, bool IsChange) : IServiceChange
    {
        public IReadOnlyList<string> Notes => [];

        public Task UndoAsync(CancellationToken cancellationToken)
        {
            Driver.Shown = Before;
            return Task.CompletedTask;
        }

        public void Dispose()
        {
        }
    }
}
